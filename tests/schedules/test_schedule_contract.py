"""Every schedule keeps the schedules' contract."""

from tunewidgets.schedules import ASHA, Full, Hyperband, MedianStopping, Patience, SuccessiveHalving
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


class TestASHA(ScheduleContract):
    synchronous = False

    def schedule(self):
        return ASHA(9)


class TestASHAInBrackets(ScheduleContract):
    synchronous = False

    def schedule(self):
        return ASHA(9, factor=2, brackets=3)


class TestASHAStopping(ScheduleContract):
    synchronous = False

    def schedule(self):
        return ASHA(9, variant="stopping")


class TestASHAStoppingInBrackets(ScheduleContract):
    synchronous = False

    def schedule(self):
        return ASHA(10, 2, 2, variant="stopping", brackets=2)


class TestMedianStopping(ScheduleContract):
    synchronous = False

    def schedule(self):
        return MedianStopping(6, least=2)


class TestMedianStoppingUntilTheObjectiveReturns(ScheduleContract):
    synchronous = False

    def schedule(self):
        return MedianStopping(warmup=1)


class TestPatience(ScheduleContract):
    def schedule(self):
        return Patience(2, min_delta=0.1, max_budget=9)
