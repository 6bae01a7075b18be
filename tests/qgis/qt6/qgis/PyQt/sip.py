"""What binds Python to Qt."""

from PyQt6.sip import *  # noqa: F403
