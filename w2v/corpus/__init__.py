"""From any input to an encoded corpus."""
