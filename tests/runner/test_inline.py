"""The inline executor keeps the executors' contract, as far as a single process can."""

from tunewidgets.runner.inline import InlineExecutor
from tunewidgets.store.folder import SearchFolder
from tunewidgets.testing.executors import ExecutorContract


class TestInline(ExecutorContract):
    def executor(self, objective, folder):
        return InlineExecutor(objective, SearchFolder(folder))
