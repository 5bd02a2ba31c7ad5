using System.Diagnostics.Metrics;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>Counts the bytes that come from one database to this process.</summary>
internal sealed class WireBytes : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _read;

    /// <param name="database">The connection string; no other store may be on it.</param>
    public WireBytes(string database)
    {
        var name = new Npgsql.NpgsqlConnectionStringBuilder(database).Database!;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "Npgsql", Name: "db.client.operation.npgsql.bytes_read" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, bytes, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Value is string pool && pool.Contains(name, StringComparison.Ordinal))
                {
                    Interlocked.Add(ref _read, bytes);
                }
            }
        });
        _listener.Start();
    }

    /// <summary>The bytes since the last look.</summary>
    public long Take() => Interlocked.Exchange(ref _read, 0);

    public void Dispose() => _listener.Dispose();
}
