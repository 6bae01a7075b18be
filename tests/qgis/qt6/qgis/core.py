"""Stand-ins for classes of qgis.core: settings, tasks and the application do as they should, the rest is only there."""

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QApplication

from qgis.stand_in import StandIn, stand_in


class Qgis(StandIn):
    """Versions and enums."""

    QGIS_VERSION = "4.0.0-Qt6"
    QGIS_VERSION_INT = 40000


class QgsSettings:
    """Settings that live as long as the process."""

    _kept: dict = {}

    def __init__(self, *_):
        self._group = ""

    def beginGroup(self, name, *_):
        self._group = f"{name}/"

    def endGroup(self):
        self._group = ""

    def childGroups(self):
        under = [key[len(self._group) :] for key in self._kept if key.startswith(self._group)]
        return sorted({key.split("/")[0] for key in under if "/" in key})

    def value(self, key, default=None, *_, **__):
        return self._kept.get(self._group + key, default)

    def setValue(self, key, value, *_):
        self._kept[self._group + key] = value

    def remove(self, key, *_):
        for one in [one for one in self._kept if one == key or one.startswith(f"{key}/")]:
            del self._kept[one]


class QgsTask(QObject):
    """A task, which runs in the window's thread when that is next at leisure."""

    Flag = StandIn
    progressChanged = pyqtSignal(float)
    taskCompleted = pyqtSignal()
    taskTerminated = pyqtSignal()

    def __init__(self, title="", *_):
        super().__init__()
        self._cancelled = False

    def isCanceled(self):
        return self._cancelled

    def cancel(self):
        self._cancelled = True

    def setProgress(self, percent):
        self.progressChanged.emit(percent)


class _Manager:
    def addTask(self, task, *_):
        QTimer.singleShot(0, lambda: task.finished(task.run()))


class QgsApplication(StandIn):
    """The application: its language, and its tasks."""

    language = "en"

    @classmethod
    def instance(cls):
        return cls if QApplication.instance() else None

    @classmethod
    def locale(cls):
        return cls.language

    @classmethod
    def getThemeIcon(cls, name):
        return QIcon()

    @classmethod
    def taskManager(cls):
        return _Manager()


def __getattr__(name):
    return stand_in(name)
