using PcieFabric.Actors.Tests.EndpointControllers;
using PcieFabric.AddressTranslation;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.RootComplexes.PeerToPeer;

namespace PcieFabric.Actors.Tests.FaultSchedules;

/// <summary>What a host does wrong, or is wrong with its hierarchy, in the midst of all work.</summary>
internal sealed class HostFaults(HostSide side, Random random)
{
    /// <summary>More than a function has tags, and more than a link has credits.</summary>
    private const int Flood = 300;

    private Host Host => side.Host;

    private ConfigurationAccess Config => Host.Configuration[0];

    public async Task InflictAsync()
    {
        // Where no controller came up there is nothing to be at fault.
        if (side.Functions.Count == 0) return;
        switch (random.Next(16))
        {
            case 0 or 1 or 2:
                await WriteGarbageAsync();
                break;
            case 3:
                for (var i = random.Next(1, 6); i > 0; i--) await ConfigureGarbageAsync(Any(side.Functions));
                await side.Saved.RestoreAsync();
                break;
            case 4:
                for (var i = random.Next(1, 4); i > 0; i--) await ConfigureGarbageAsync(Any(side.Bridges));
                await Host.DelayAsync(Micro(200));
                await side.Saved.RestoreAsync();
                break;
            case 5:
                await FunctionLevelResetAsync(Any(side.Functions));
                break;
            case 6:
                await ForAWhileAsync(Any(side.Ports), (port, value) => Host.SetSecondaryBusResetAsync(port.Bdf, value));
                break;
            case 7:
                await ForAWhileAsync(Any(side.Ports), Host.SetLinkDisableAsync);
                break;
            case 8:
                await SleepAsync(Any(side.Functions));
                break;
            case 9:
                await ForAWhileAsync(Any(side.Functions), (function, value) => Host.SetAsync(function.Bdf, 4, 2, !value));
                break;
            case 10:
                var usual = Host.Requesters[0].CompletionTimeout;
                Host.Requesters[0].CompletionTimeout = SimTime.FromNanoseconds(random.Next(50, 2000));
                await Host.DelayAsync(Micro(random.Next(500)));
                Host.Requesters[0].CompletionTimeout = usual;
                break;
            case 11:
                await SendWrongAsync();
                break;
            case 12:
                await Task.WhenAll(Enumerable.Range(0, Flood).Select(i => Host.ReadAsync(AnyRegister(), new byte[random.Next(1, 200)]).AsTask()));
                break;
            case 13:
                await RemapAsync();
                break;
            case 14:
                await ControlAccessAsync();
                break;
            default:
                await side.ToggleVirtualFunctionsAsync(random.Next(2) == 0);
                break;
        }
    }

    private async Task WriteGarbageAsync()
    {
        for (var i = random.Next(4, 40); i > 0; i--)
        {
            var address = AnyRegister();
            await Host.WriteAsync(address, Garbage(random.Next(3) == 0 ? random.Next(1, 9) : 4));
        }
    }

    private async Task ConfigureGarbageAsync(EnumeratedFunction function)
    {
        var dword = random.Next(3) == 0 ? random.Next(0x40, 0xC0) : random.Next(0x40);
        await Config.WriteAsync(function.Bdf, 4 * dword, BitConverter.ToUInt32(Garbage(4)), (byte)random.Next(16));
    }

    private async Task FunctionLevelResetAsync(EnumeratedFunction function)
    {
        if (function.FindCapability(CapabilityId.PciExpress) is null) return;
        await Host.ResetFunctionAsync(function);
        await Host.DelayAsync(Micro(random.Next(300)));
        await side.Saved.RestoreAsync();
    }

    private async Task SleepAsync(EnumeratedFunction function)
    {
        if (function.FindCapability(CapabilityId.PowerManagement) is not { } power) return;
        await Config.WriteAsync(function.Bdf, power + 4, 3, 0b0001);
        await Host.DelayAsync(Micro(random.Next(400)));
        await side.Saved.RestoreAsync();
    }

    /// <summary>A bit is the other way for a time; a link takes another ten milliseconds to come back, of which the host does not wait for all.</summary>
    private async Task ForAWhileAsync(EnumeratedFunction function, Func<EnumeratedFunction, bool, Task> set)
    {
        await set(function, true);
        await Host.DelayAsync(Micro(random.Next(1, 800)));
        await set(function, false);
        await Host.DelayAsync(Micro(random.Next(500)));
        await side.Saved.RestoreAsync();
    }

    /// <summary>Poison, and requests that break the rules.</summary>
    private async Task SendWrongAsync()
    {
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = AnyRegister() & ~3ul;
            var wrong = random.Next(4) switch
            {
                0 => Tlp.MemoryWrite(default, at, Garbage(4), side.Payloads),
                1 => Tlp.DeferrableMemoryWrite(default, 0, at, Garbage(4), side.Payloads),
                2 => Tlp.Atomic(AtomicOperation.FetchAdd, default, 0, at | 4, new byte[8], side.Payloads),
                _ => Tlp.LockedMemoryRead(default, 0, at, 4),
            };
            wrong.IsPoisoned = wrong.HasData;
            await Host.Requesters[0].SendAsync(in wrong);
        }
    }

    /// <summary>Mappings go, and come back, under the DMA that uses them.</summary>
    private async Task RemapAsync()
    {
        if (Host.Iommu is not { } iommu) return;
        var start = side.Buffer + 4096 * (ulong)random.Next(8);
        try
        {
            await iommu.UnmapAsync(side.Mapped!, start, 8 * 4096);
            await iommu.InvalidateAsync(side.Mapped!, side.Buffer, 4096);
        }
        catch (TimeoutException)
        {
            side.Note("a function did not answer an Invalidate Request");
        }
        await Host.DelayAsync(Micro(random.Next(200)));
        await iommu.MapAsync(side.Mapped!, start, start, 8 * 4096, PagePermissions.ReadWrite);
        while (await iommu.TakeFaultAsync() is not null)
        {
        }
    }

    private async Task ControlAccessAsync()
    {
        var acs = new AccessControlSetup(Config);
        await acs.EnableAsync(Any(side.Bridges), (AcsControls)random.Next(128));
        if (side.Guards is { } guards && side.Functions.Count > 1)
        {
            var (one, other) = (side.Functions[0], side.Functions[^1]);
            await (random.Next(2) == 0 ? guards.RevokeAsync(one, other) : guards.AllowAsync(one, other));
        }
    }

    /// <summary>Registers are at the start of BARs, and at the end of some.</summary>
    private ulong AnyRegister()
    {
        var bars = Any(side.Functions).Bars;
        if (bars.Count == 0) return side.Buffer;
        var range = bars[random.Next(bars.Count)].Range;
        var offset = random.Next(4) switch
        {
            0 => (ulong)random.NextInt64((long)range.Size),
            1 => range.Size - Math.Min(range.Size, 4 * (ulong)random.Next(1, 17)),
            _ => 4 * (ulong)random.Next(0x40),
        };
        return range.Base + Math.Min(offset, range.Size - 4);
    }

    private byte[] Garbage(int bytes)
    {
        var value = new byte[Math.Max(4, bytes)];
        if (random.Next(2) == 0) random.NextBytes(value);
        else BitConverter.TryWriteBytes(value, random.Next(2) == 0 ? 1u << random.Next(32) : (uint)random.Next(64));
        return value[..bytes];
    }

    private EnumeratedFunction Any(List<EnumeratedFunction> of) => of[random.Next(of.Count)];

    private static SimTime Micro(double value) => SimTime.FromMicroseconds(value);
}
