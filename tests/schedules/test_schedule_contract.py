"""Every schedule keeps the schedules' contract."""

from tunewidgets.schedules import Full, Hyperband, SuccessiveHalving
from tunewidgets.testing.schedules import ScheduleContract


class TestFull(ScheduleContract):
    def schedule(self):
        return Full(4)


class TestFullUntilTheObjectiveReturns(ScheduleContract):
    def schedule(self):
        return Full()


class TestSuccessiveHalving(ScheduleContract):
    def schedule(self):
        return SuccessiveHalving(9, 9)


class TestSuccessiveHalvingAsInScikitLearn(ScheduleContract):
    def schedule(self):
        return SuccessiveHalving(10, 11, min_budget=2, factor=2, arithmetic="scikit-learn")


class TestHyperband(ScheduleContract):
    def schedule(self):
        return Hyperband(9)


class TestHyperbandAsPrinted(ScheduleContract):
    def schedule(self):
        return Hyperband(9, arithmetic="printed")


class TestHyperbandAsInKerasTuner(ScheduleContract):
    def schedule(self):
        return Hyperband(10, 4, arithmetic="keras_tuner")


class TestHyperbandForEver(ScheduleContract):
    def schedule(self):
        return Hyperband(4, 2, iterations=None)
