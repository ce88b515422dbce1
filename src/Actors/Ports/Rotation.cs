namespace PcieFabric.Ports;

/// <summary>A hand that turns by the same step again and again, on a dial of 2^32.</summary>
internal static class Rotation
{
    /// <summary>How many steps until the hand first stands below a mark, in the time of Euclid's algorithm.</summary>
    /// <returns><see cref="long.MaxValue"/> for never.</returns>
    public static long StepsUntilBelow(uint start, uint step, uint below)
    {
        if (below == 0) return long.MaxValue;
        if (start < below) return 0;
        // From -start on, the hand that starts at zero is to stand at one of as many places.
        var first = -(long)start + (1L << 32);
        return FirstWithin(step, 1L << 32, first, first + below - 1);
    }

    /// <summary>The least count of which count * step modulo size is from first to last.</summary>
    private static long FirstWithin(long step, long size, long first, long last)
    {
        if (first == 0) return 0;
        if (2 * step > size) (step, first, last) = (size - step, size - last, size - first);
        if (step == 0) return long.MaxValue;
        var count = (first + step - 1) / step;
        if (count * step <= last) return count;
        // No multiple of the step lies within: turns of the dial have to bring it there.
        var turns = FirstWithin(size % step, step, (step - last % step) % step, (step - first % step) % step);
        return turns == long.MaxValue ? long.MaxValue : (first + size * turns + step - 1) / step;
    }
}
