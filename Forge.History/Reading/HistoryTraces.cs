using Forge.History.Sql;
using Forge.History.Stores;

namespace Forge.History.Reading;

/// <summary>Reads the one column that no other read has.</summary>
internal sealed class HistoryTraces(ISqlDatabase database) : ITraces
{
    private readonly SqlStatement _read = database.Dialect.Statement(
        "SELECT trace FROM checkpoints WHERE session_key = @key AND sequence = @sequence");

    public Task<byte[]?> ReadAsync(long key, long sequence, CancellationToken cancellationToken) => database.ReadOneAsync(
        _read, row => row.TakeNull() ? null : row.Bytes(), cancellationToken, ("key", key), ("sequence", sequence));
}
