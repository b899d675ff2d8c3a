"""A factored covariance matrix: solving, determinant and inverse straight from LAPACK."""

import numpy as np

from tunewidgets.surrogate.layout import FloatArray


class SingularError(ArithmeticError):
    """A covariance matrix is not positive definite."""


class Factor:
    """The Cholesky factor of a symmetric positive definite matrix.

    Parameters
    ----------
    matrix : ndarray of shape (n, n)
        Symmetric, C-contiguous. It is overwritten.

    Raises
    ------
    SingularError
        It is not positive definite.
    """

    def __init__(self, matrix: FloatArray) -> None:
        from scipy.linalg import lapack  # noqa: PLC0415 - heavy: imported where first used

        self._lapack = lapack
        # The transpose is the same matrix in the order that LAPACK wants, so nothing is copied.
        self._lower, failed = lapack.dpotrf(matrix.T, lower=1, clean=0, overwrite_a=1)
        if failed:
            raise SingularError("the covariance matrix is not positive definite; add noise, or drop repeated points")

    @property
    def log_determinant(self) -> float:
        """Of the matrix."""
        return 2.0 * float(np.log(self._lower.diagonal()).sum())

    def solve(self, right: FloatArray) -> FloatArray:
        """Return K^-1 b, for one vector or for columns."""
        solved: FloatArray = self._lapack.dpotrs(self._lower, right, lower=1)[0]
        return solved

    def whiten(self, right: FloatArray) -> FloatArray:
        """Return L^-1 b, where L L' = K; for one vector or for columns."""
        whitened: FloatArray = self._lapack.dtrtrs(self._lower, right, lower=1)[0]
        return whitened

    def inverse(self) -> FloatArray:
        """Return K^-1."""
        half, _ = self._lapack.dpotri(self._lower, lower=1)
        inverse: FloatArray = np.tril(half)
        diagonal = half.diagonal().copy()
        inverse += inverse.T
        inverse.flat[:: len(inverse) + 1] = diagonal
        return inverse

    def color(self, right: FloatArray) -> FloatArray:
        """Return L b: standard normal columns become draws with this covariance."""
        coloured: FloatArray = np.tril(self._lower) @ right
        return coloured
