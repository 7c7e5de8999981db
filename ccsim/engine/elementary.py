"""Logarithm, exponential and normal quantile, in operations that every machine does alike.

A C library's logarithm differs in its last bit from machine to machine, and takes one number at a time. These are additions,
multiplications, divisions and square roots of doubles in a fixed order, without a table and nearly without a branch, so that a compiler
may do several numbers at once in vector instructions: a number gives the same bits by itself and in a block, with vectors and without.
(No product is added without being rounded: numba does not let LLVM contract.) `tests/engines/test_elementary.py` compares them with
mpmath.

Sources: logarithm and exponential: the reductions and minimax coefficients of fdlibm (Sun Microsystems 1993, "Freely distributable libm",
e_log.c and e_exp.c); normal quantile: Wichura 1988, algorithm AS 241, PPND16.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ccsim.engine.compiled import typed

_S52 = np.uint64(52)
_FRACTION = np.uint64((1 << 52) - 1)
# The bits of the square root of 1/2: a power of 2 brings a number to between that and twice that. And what makes its exponent 1023.
_LEAST = np.uint64(0x3FE6A09E667F3BCD)
_TO_LEAST = np.uint64((1023 << 52) - 0x3FE6A09E667F3BCD)
# Bits before which a whole number stands that is to become a double: those of 2**52
_WHOLE = np.uint64(0x4330000000000000)
_WHOLE_ZERO: Final = 4503599627370496.0 + 1023.0
# ln 2 in two parts, of which the first times any exponent is exact
_LN2, _LN2_REST = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_LOG2_E: Final = 1.44269504088896338700e00
_ROUND: Final = 6755399441055744.0  # 1.5 * 2**52: added and taken off again it rounds to a whole number, which stands in the last bits
_LEAST_POWER, _MOST_POWER = -708.0, 709.0  # within them a power of e is a normal double
FAR_TAIL: Final = 25.0  # -log of the chance beyond which the quantile needs other coefficients (`r` = 5)


@typed("float64(float64)")
def minus_log(x: float) -> float:
    """-log(x) of a positive x that is not subnormal; off by less than one unit in the last place, and +0 at 1."""
    t = np.float64(x).view(np.uint64) + _TO_LEAST
    power = np.uint64((t >> _S52) | _WHOLE).view(np.float64) - _WHOLE_ZERO
    f = np.uint64((t & _FRACTION) + _LEAST).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    half = 0.5 * f * f
    return ((half - (s * (half + (even + odd)) + power * _LN2_REST)) - f) - power * _LN2


@typed("float64(float64)")
def exp(x: float) -> float:
    """The power of e; off by less than one unit in the last place. Below -708 and above 709 that of these two: never 0 or infinite."""
    x = x if x > _LEAST_POWER else _LEAST_POWER
    x = x if x < _MOST_POWER else _MOST_POWER
    marked = x * _LOG2_E + _ROUND
    power = marked - _ROUND
    high, low = x - power * _LN2, power * _LN2_REST
    r = high - low
    t = r * r
    c = r - t * (
        1.66666666666666019037e-01
        + t
        * (
            -2.77777777770155933842e-03
            + t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))
        )
    )
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    return np.uint64(np.float64(y).view(np.uint64) + (np.float64(marked).view(np.uint64) << _S52)).view(np.float64)


@typed("float64(float64)")
def normal_middle(q: float) -> float:
    """The standard normal quantile of 0.5 + `q` for |q| up to 0.425."""
    r = 0.180625 - q * q
    num = ((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
              + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
           + 1.3314166789178437745e2) * r + 3.3871328727963666080e0  # fmt: skip
    den = ((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r
              + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r
           + 4.2313330701600911252e1) * r + 1.0  # fmt: skip
    return q * num / den


@typed("float64(float64)")
def normal_tail(e: float) -> float:
    """The value that a standard normal is above with a chance of exp(-`e`), for chances below 0.075 and `e` up to FAR_TAIL."""
    r = np.sqrt(e) - 1.6
    num = ((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r
              + 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r + 5.76949722146069140550e0) * r
           + 4.63033784615654529590e0) * r + 1.42343711074968357734e0  # fmt: skip
    den = ((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r
              + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0) * r
           + 2.05319162663775882187e0) * r + 1.0  # fmt: skip
    return num / den


@typed("float64(float64)")
def normal_far_tail(e: float) -> float:
    """As `normal_tail`, for `e` above FAR_TAIL: once in 36 thousand million draws."""
    r = np.sqrt(e) - 5.0
    num = ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r
              + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580e0) * r
           + 5.46378491116411436990e0) * r + 6.65790464350110377720e0  # fmt: skip
    den = ((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5) * r
              + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
           + 5.99832206555887937690e-1) * r + 1.0  # fmt: skip
    return num / den


@typed("float64(float64)")
def normal(u: float) -> float:
    """The standard normal quantile of `u` on (0, 1), to about 1e-16 relative."""
    q = u - 0.5
    if abs(q) <= 0.425:
        return normal_middle(q)
    e = minus_log(u if q < 0.0 else 1.0 - u)
    z = normal_tail(e) if e <= FAR_TAIL else normal_far_tail(e)
    return -z if q < 0.0 else z
