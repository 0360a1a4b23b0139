"""Vector tricks: four small functions that look at 8 or 64 bars in one go.

Numba compiles a loop over bytes or a chain of additions to scalar code: it may not reorder
floating-point sums, and does not find the instructions that turn comparisons into bits. So these
four are written as LLVM vector operations, whose width is fixed here. LLVM turns them into what
the processor has, AVX-512 or NEON, and as the order of every addition is part of the program, the
results are the same bits everywhere. `engine=scalar` of the settings does without all of this.

To a caller they are ordinary functions:

    equal64(codes, i, code)
        bit k set where codes[i + k] == code, for k in 0..63
    lowest_bit(word)
        place of the lowest bit set; the word is not 0
    reach8(low, high, i, floor, ceiling)
        bit k set where low[i + k] <= floor or high[i + k] >= ceiling, for k in 0..7
    return_sums(close, cash, shares, a, b, free)
        sums over bars a..b-1 of r, r^2, r^3, r^4 and min(r - free, 0)^2 - min(-free, 0)^2, where r
        is the return of cash + shares * close since the bar before; a >= 1

Arrays are contiguous and must reach as far as is read: `codes` to i + 63, `low` and `high` to
i + 7, `close` to b + 6. Nothing checks that; `spans.Spans` and the driver pad theirs.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.typing.templates import Signature
from numba.extending import intrinsic

from kernels.jit.array_types import Codes, Floats
from kernels.jit.llvm import Target

DOUBLE, INT32, INT64 = ir.DoubleType(), ir.IntType(32), ir.IntType(64)
LANES = 8
DOUBLES = ir.VectorType(DOUBLE, LANES)
INTS = ir.VectorType(INT64, LANES)
BYTES = ir.VectorType(ir.IntType(8), 64)


Recipe = tuple[Signature, Callable[..., ir.Value]]
"""What `numba.extending.intrinsic` wants: the signature, and what writes the instructions."""


def _load(
    context: Target,
    builder: ir.IRBuilder,
    kind: types.Type,
    array: ir.Value,
    at: ir.Value,
    vector: ir.Type,
    align: int,
) -> ir.Value:
    """The elements of an array from `at` on, as one vector."""
    data = context.make_array(kind)(context, builder, array).data
    loaded = builder.load(builder.bitcast(builder.gep(data, [at]), vector.as_pointer()))
    loaded.align = align
    return loaded


def _spread(builder: ir.IRBuilder, scalar: ir.Value, vector: ir.Type) -> ir.Value:
    """A vector with the scalar in every lane."""
    single = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, INT32(0))
    lanes = ir.Constant(ir.VectorType(INT32, vector.count), [0] * vector.count)
    return builder.shuffle_vector(single, single, lanes)


def _equal64(_typing: object, codes: types.Type, i: types.Type, code: types.Type) -> Recipe:
    def build(
        context: Target, builder: ir.IRBuilder, signature: Signature, args: Sequence[ir.Value]
    ) -> ir.Value:
        loaded = _load(context, builder, signature.args[0], args[0], args[1], BYTES, 1)
        same = builder.icmp_signed("==", loaded, _spread(builder, args[2], BYTES))
        return builder.bitcast(same, INT64)

    return types.uint64(codes, types.intp, types.int8), build


def _lowest_bit(_typing: object, word: types.Type) -> Recipe:
    def build(
        _context: Target, builder: ir.IRBuilder, _signature: Signature, args: Sequence[ir.Value]
    ) -> ir.Value:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), build


def _reach8(
    _typing: object,
    low: types.Type,
    high: types.Type,
    i: types.Type,
    floor: types.Type,
    ceiling: types.Type,
) -> Recipe:
    def build(
        context: Target, builder: ir.IRBuilder, signature: Signature, args: Sequence[ir.Value]
    ) -> ir.Value:
        lows = _load(context, builder, signature.args[0], args[0], args[2], DOUBLES, 8)
        highs = _load(context, builder, signature.args[1], args[1], args[2], DOUBLES, 8)
        below = builder.fcmp_ordered("<=", lows, _spread(builder, args[3], DOUBLES))
        above = builder.fcmp_ordered(">=", highs, _spread(builder, args[4], DOUBLES))
        return builder.zext(builder.bitcast(builder.or_(below, above), ir.IntType(8)), INT64)

    return types.uint64(low, high, types.intp, types.float64, types.float64), build


def _return_sums(
    _typing: object,
    close: types.Type,
    cash: types.Type,
    shares: types.Type,
    a: types.Type,
    b: types.Type,
    free: types.Type,
) -> Recipe:
    def build(
        context: Target, builder: ir.IRBuilder, signature: Signature, args: Sequence[ir.Value]
    ) -> ir.Value:
        cash, shares = _spread(builder, args[1], DOUBLES), _spread(builder, args[2], DOUBLES)
        end = _spread(builder, args[4], INTS)
        zero = ir.Constant(DOUBLES, [0.0] * LANES)
        free = _spread(builder, args[5], DOUBLES)
        idle = builder.select(builder.fcmp_ordered(">", free, zero), builder.fmul(free, free), zero)

        def closes(at: ir.Value) -> ir.Value:
            return _load(context, builder, signature.args[0], args[0], at, DOUBLES, 8)

        before = builder.block
        head, body, after = (builder.append_basic_block(name) for name in ("head", "body", "after"))
        builder.branch(head)
        builder.position_at_end(head)
        i = builder.phi(INT64)
        sums = [builder.phi(DOUBLES) for _ in range(5)]
        i.add_incoming(args[3], before)
        for total in sums:
            total.add_incoming(zero, before)
        builder.cbranch(builder.icmp_signed("<", i, args[4]), body, after)

        builder.position_at_end(body)
        old, new = closes(builder.sub(i, INT64(1))), closes(i)
        gain = builder.fmul(shares, builder.fsub(new, old))
        r = builder.fdiv(gain, builder.fadd(cash, builder.fmul(shares, old)))
        lane = builder.add(_spread(builder, i, INTS), ir.Constant(INTS, list(range(LANES))))
        r = builder.select(builder.icmp_signed("<", lane, end), r, zero)
        square = builder.fmul(r, r)
        excess = builder.fsub(r, free)
        down = builder.fmul(excess, excess)
        down = builder.select(builder.fcmp_ordered("<", excess, zero), down, zero)
        down = builder.fsub(down, idle)
        terms = [r, square, builder.fmul(square, r), builder.fmul(square, square), down]
        for total, term in zip(sums, terms, strict=True):
            total.add_incoming(builder.fadd(total, term), body)
        i.add_incoming(builder.add(i, INT64(LANES)), body)
        builder.branch(head)

        builder.position_at_end(after)
        return context.make_tuple(
            builder, signature.return_type, [_add_lanes(builder, total) for total in sums]
        )

    result = types.UniTuple(types.float64, 5)  # type: ignore[no-untyped-call]
    double, index = types.float64, types.intp
    return result(close, double, double, index, index, double), build


def _add_lanes(builder: ir.IRBuilder, vector: ir.Value) -> ir.Value:
    """The sum of a vector's lanes, in pairs: (0+4)+(2+6) and (1+5)+(3+7), then both."""
    lanes = [builder.extract_element(vector, INT32(k)) for k in range(LANES)]
    while len(lanes) > 1:
        half = len(lanes) // 2
        lanes = [builder.fadd(x, y) for x, y in zip(lanes[:half], lanes[half:], strict=True)]
    return lanes[0]


# Numba's own types say that calling an intrinsic from Python never returns; kernels may call it.
Sums = tuple[float, float, float, float, float]
equal64: Callable[[Codes, int, np.int8], np.uint64] = cast(Any, intrinsic(_equal64))
lowest_bit: Callable[[int | np.uint64], int] = cast(Any, intrinsic(_lowest_bit))
reach8: Callable[[Floats, Floats, int, float, float], int] = cast(Any, intrinsic(_reach8))
return_sums: Callable[[Floats, float, float, int, int, float], Sums] = cast(
    Any, intrinsic(_return_sums)
)
