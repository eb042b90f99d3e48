"""统一社会信用代码 (GB 32100-2015): the 18-character identity of an organisation.

The last character is a check digit over the first 17, so a mistyped code is caught before it
splits one unit into two.
"""

from __future__ import annotations

#: The characters a code may hold; a character's value is its position (I, O, S, V, Z are unused).
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
#: Position weights of GB 32100: powers of 3 modulo 31.
WEIGHTS = tuple(pow(3, position, 31) for position in range(LENGTH - 1))

_VALUE = {character: value for value, character in enumerate(ALPHABET)}


def check_digit(first17: str) -> str:
    """The 18th character that belongs to the first 17; raises ValueError on an odd character."""
    if len(first17) != LENGTH - 1 or any(character not in _VALUE for character in first17):
        raise ValueError(f"not the first {LENGTH - 1} characters of a code: {first17!r}")
    total = sum(
        _VALUE[character] * weight for character, weight in zip(first17, WEIGHTS, strict=True)
    )
    return ALPHABET[-total % len(ALPHABET)]


def is_valid_uscc(text: str) -> bool:
    """Whether ``text`` is a well-formed code: 18 allowed capital characters, right check digit."""
    if len(text) != LENGTH or any(character not in _VALUE for character in text):
        return False
    return check_digit(text[:-1]) == text[-1]
