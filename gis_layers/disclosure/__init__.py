"""What leaves the house: the allow-list of the public edition."""

from .allow import PUBLIC, editions

__all__ = ["PUBLIC", "editions"]
