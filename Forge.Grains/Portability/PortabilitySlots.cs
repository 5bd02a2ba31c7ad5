using Forge.Errors;
using Forge.Grains.Rules;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Portability;

/// <summary>Bounds how many exports and imports a silo runs at once; each holds a connection or a buffer.</summary>
internal sealed class PortabilitySlots(IOptions<LimitsOptions> options) : IDisposable
{
    private static readonly TimeSpan LongLinePatience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _exports = new(options.Value.Exports);
    private readonly SemaphoreSlim _imports = new(options.Value.Imports);
    private readonly SemaphoreSlim _conversions = new(options.Value.Imports);
    private readonly SemaphoreSlim _longLines = new(1);

    /// <exception cref="BusyException">As many exports run as may.</exception>
    public Slot EnterExport() => Enter(_exports, "exports");

    /// <exception cref="BusyException">As many imports run as may.</exception>
    public Slot EnterImport() => Enter(_imports, "imports");

    /// <summary>
    /// For a document of the earlier tool on its way into a session, which holds a file of its size; as many as imports may run.
    /// </summary>
    /// <exception cref="BusyException">As many run as may.</exception>
    public Slot EnterConversion() => Enter(_conversions, "imports");

    /// <summary>For a line of an import that is longer than the limits leave room for; waits a moment for the one before.</summary>
    /// <exception cref="BusyException">Another import has had one for long.</exception>
    public async Task<Slot> EnterLongLineAsync() => await _longLines.WaitAsync(LongLinePatience)
        ? new Slot(_longLines)
        : throw new BusyException("imports", "wait for another one with a line beyond the limits");

    public void Dispose()
    {
        _longLines.Dispose();
        _exports.Dispose();
        _conversions.Dispose();
        _imports.Dispose();
    }

    private static Slot Enter(SemaphoreSlim slots, string resource) =>
        slots.Wait(0) ? new Slot(slots) : throw new BusyException(resource, "run as many at once as this silo allows");

    /// <summary>One running export or import; disposing it more than once frees it once.</summary>
    public sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        private SemaphoreSlim? _slots = slots;

        public void Dispose() => Interlocked.Exchange(ref _slots, null)?.Release();
    }
}
