"""A class that is whatever is asked of it, to be derived from, called and looked into."""

import functools


class _Willing(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(name)

    def __or__(cls, other):
        return cls


class StandIn(metaclass=_Willing):
    """Stands where a class, an enum or a value of QGIS would."""

    def __init__(self, *_, **__):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()

    def __call__(self, *_, **__):
        return StandIn()

    def __or__(self, other):
        return self


@functools.cache
def stand_in(name):
    """Return the class that stands for a name, the same each time."""
    if name.startswith("__"):
        raise AttributeError(name)
    return _Willing(name, (StandIn,), {})
