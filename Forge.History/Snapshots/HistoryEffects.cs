using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Snapshots;

/// <summary>Reads effects, with the head row in the same transaction.</summary>
internal sealed class HistoryEffects(ISqlDatabase database) : IEffects
{
    private readonly HeadRows _heads = new(database.Dialect);

    private readonly EffectRows _rows = new(database.Dialect);

    public Task<Versioned<StoredEffect?>> FindAsync(SessionAddress address, string key, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async transaction =>
            {
                var head = await _heads.ReadAsync(transaction, address);
                return new Versioned<StoredEffect?>(
                    head?.Version ?? 0,
                    Shows(head) ? await _rows.FindAsync(transaction, head!.Key, key) : null);
            },
            cancellationToken);

    public Task<EffectsRead> ListAsync(SessionAddress address, string after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(address, (t, key) => _rows.ListAsync(t, key, after, limit), cancellationToken);

    public Task<EffectsRead> ReadAfterAsync(
        SessionAddress address, EffectPlace after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(address, (t, key) => _rows.AfterAsync(t, key, after, limit), cancellationToken);

    public Task<EffectsRead> ReadBeforeAsync(SessionAddress address, long sequence, string after, CancellationToken cancellationToken) =>
        ReadAsync(address, (t, key) => _rows.BeforeAsync(t, key, sequence, after), cancellationToken);

    public Task<EffectsRead> ReadAgedAsync(SessionAddress address, int limit, CancellationToken cancellationToken) =>
        ReadAsync(address, (t, key) => _rows.AgedAsync(t, key, limit), cancellationToken);

    private Task<EffectsRead> ReadAsync(
        SessionAddress address, Func<SqlTransaction, long, ValueTask<List<StoredEffect>>> read, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async transaction =>
            {
                var head = await _heads.ReadAsync(transaction, address);
                return new EffectsRead(head, Shows(head) ? await read(transaction, head!.Key) : []);
            },
            cancellationToken);

    /// <summary>A damaged count must not hide what is stored, so that it is not asked.</summary>
    private static bool Shows(SessionHead? head) => head is { DeletedAt: null };
}
