"""Plain Python reference of fastText's n-grams and their hash."""


def fnv(text: bytes) -> int:
    """Return the 32-bit FNV-1a hash as in fastText, which extends each byte with its sign."""
    value = 2166136261
    for byte in text:
        value = ((value ^ (byte | 0xFFFFFF00 if byte > 127 else byte)) * 16777619) & 0xFFFFFFFF
    return value


def ngrams(word: str, minn: int, maxn: int) -> list[str]:
    """Return the n-grams of `<word>`, from left to right and from short to long, without single marks."""
    marked = f"<{word}>"
    return [marked[i:i + n] for i in range(len(marked)) for n in range(minn, maxn + 1)
            if i + n <= len(marked) and not (n == 1 and i in (0, len(marked) - 1))]
