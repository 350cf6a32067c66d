"""First-fit decreasing of units into cartons by volume, weight and sorted sides."""

import numpy as np

from doorstep.foundation.kernels import kernel


@kernel
def smallest_carton(sides, weight_g, volume_ml, carton_sides, usable_ml, max_g):  # type: ignore[no-untyped-def]
    """Return the first carton, by volume, that holds a content of these sides (3,), weight and volume; -1 for none."""
    for k in range(usable_ml.size):
        if volume_ml <= usable_ml[k] and weight_g <= max_g[k]:
            fits = True
            for axis in range(3):
                if sides[axis] > carton_sides[k, axis]:
                    fits = False
            if fits:
                return k
    return -1


@kernel
def pack_package(  # type: ignore[no-untyped-def]
    units, product_sides, product_g, product_ml, carton_sides, usable_ml, max_g, parcel_of_unit, sides, load_g, load_ml
):
    """Put the units of one package into parcels and return how many were opened.

    ``units`` (U,) are products in the order to place them, ``parcel_of_unit`` (U,) receives the parcel of each;
    ``sides`` (U, 3), ``load_g``, ``load_ml`` (U,) receive the parcels' largest sides, goods' weight and volume. A unit
    goes into the first open parcel that some carton can still hold; a product that fits no carton travels alone, its
    load marked by a negative volume.
    """
    opened = 0
    trial = np.empty(3, np.int64)
    for u in range(units.size):
        product = units[u]
        if (
            smallest_carton(
                product_sides[product], product_g[product], product_ml[product], carton_sides, usable_ml, max_g
            )
            < 0
        ):
            parcel_of_unit[u] = opened
            sides[opened] = product_sides[product]
            load_g[opened] = product_g[product]
            load_ml[opened] = -max(1, product_ml[product])
            opened += 1
            continue
        chosen = -1
        for p in range(opened):
            if load_ml[p] < 0:
                continue
            for axis in range(3):
                trial[axis] = max(sides[p, axis], product_sides[product, axis])
            weight = load_g[p] + product_g[product]
            volume = load_ml[p] + product_ml[product]
            if smallest_carton(trial, weight, volume, carton_sides, usable_ml, max_g) >= 0:
                chosen = p
                break
        if chosen < 0:
            chosen = opened
            opened += 1
            sides[chosen] = 0
            load_g[chosen] = 0
            load_ml[chosen] = 0
        for axis in range(3):
            sides[chosen, axis] = max(sides[chosen, axis], product_sides[product, axis])
        load_g[chosen] += product_g[product]
        load_ml[chosen] += product_ml[product]
        parcel_of_unit[u] = chosen
    return opened


@kernel
def pack_all(  # type: ignore[no-untyped-def]
    unit_start, units, product_sides, product_g, product_ml, carton_sides, usable_ml, max_g
):
    """Pack every package; return per unit its parcel, and per parcel its package, sides, weight, volume and carton.

    ``unit_start`` (P + 1,), ``units`` (U,). A parcel's volume is negative where it travels in its own packaging.
    """
    total = units.size
    parcel_of_unit = np.empty(total, np.int64)
    package, carton = np.empty(total, np.int64), np.empty(total, np.int64)
    sides = np.zeros((total, 3), np.int64)
    load_g, load_ml = np.zeros(total, np.int64), np.zeros(total, np.int64)
    count = 0
    for p in range(unit_start.size - 1):
        low, high = unit_start[p], unit_start[p + 1]
        opened = pack_package(
            units[low:high], product_sides, product_g, product_ml, carton_sides, usable_ml, max_g,
            parcel_of_unit[low:high], sides[count:], load_g[count:], load_ml[count:],
        )  # fmt: skip
        for u in range(low, high):
            parcel_of_unit[u] += count
        for q in range(count, count + opened):
            package[q] = p
            carton[q] = -1
            if load_ml[q] >= 0:
                carton[q] = smallest_carton(sides[q], load_g[q], load_ml[q], carton_sides, usable_ml, max_g)
        count += opened
    return parcel_of_unit, package[:count], carton[:count], sides[:count], load_g[:count], load_ml[:count]
