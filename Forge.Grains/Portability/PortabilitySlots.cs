using Forge.Errors;
using Forge.Grains.Rules;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Portability;

/// <summary>Bounds how many exports and imports a silo runs at once; each holds a connection or a buffer.</summary>
internal sealed class PortabilitySlots(IOptions<LimitsOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _exports = new(options.Value.Exports);
    private readonly SemaphoreSlim _imports = new(options.Value.Imports);
    private readonly SemaphoreSlim _conversions = new(options.Value.Imports);

    /// <exception cref="BusyException">As many exports run as may.</exception>
    public Slot EnterExport() => Enter(_exports, "exports");

    /// <exception cref="BusyException">As many imports run as may.</exception>
    public Slot EnterImport() => Enter(_imports, "imports");

    /// <summary>
    /// For a document of the earlier tool on its way into a session, which holds a file of its size; as many as imports may run.
    /// </summary>
    /// <exception cref="BusyException">As many run as may.</exception>
    public Slot EnterConversion() => Enter(_conversions, "imports");

    public void Dispose()
    {
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
