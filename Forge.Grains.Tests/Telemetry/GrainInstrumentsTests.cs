using System.Diagnostics.Metrics;
using Forge.Errors;
using Forge.Grains.Telemetry;
using Forge.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.Telemetry;

/// <summary>What becomes of operations beside those who listen.</summary>
public sealed class GrainInstrumentsTests : IDisposable
{
    private static readonly SessionAddress Address = new(TenantId.Default, SessionId.Parse("s"));

    private readonly GrainInstruments _instruments = new(null, NullLogger<GrainInstruments>.Instance);
    private readonly MeterListener _listener = new();

    public GrainInstrumentsTests()
    {
        _listener.InstrumentPublished = (instrument, own) =>
        {
            if (_instruments.Owns(instrument))
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException("a listener"));
        _listener.SetMeasurementEventCallback<long>((_, _, _, _) => throw new InvalidOperationException("a listener"));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Run_AListenerThatFails_IsAnsweredAndFailsAsWithoutIt()
    {
        Assert.True(_instruments.IsListened);
        Assert.Equal(7, await _instruments.RunAsync("o", Address, () => Task.FromResult(7)));
        await Assert.ThrowsAsync<UnavailableException>(
            () => _instruments.RunAsync("o", Address, () => Task.FromException<int>(new UnavailableException("down"))));
        _instruments.NoteRead(isFromMemory: true);
        _instruments.NoteStepDown();
    }
}
