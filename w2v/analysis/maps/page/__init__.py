"""The page of a map: one HTML file that opens without a network."""
