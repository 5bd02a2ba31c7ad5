using System.Buffers.Binary;
using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Portability;

/// <summary>Stages effects for a session that does not have them yet, and counts what it staged.</summary>
/// <param name="staging">Where to.</param>
/// <param name="address">The session that is to take them over.</param>
/// <param name="longestLease">How long a run may be left alone from now, whatever a row says.</param>
internal sealed class EffectStaging(IStaging staging, SessionAddress address, TimeSpan longestLease)
{
    private byte[] _digest = SHA256.HashData("forge.effects"u8);
    private long _count;
    private long _tokens;

    /// <summary>What was staged; null for nothing.</summary>
    public StagedEffects? Staged => _count == 0 ? null : new(_count, _tokens, _digest);

    /// <summary>Stages some effects, as rows of the session.</summary>
    /// <param name="key">The key that they are staged under.</param>
    /// <param name="rows">Their rows in another session, looked at.</param>
    /// <param name="last">The greatest sequence that they can come behind.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="BatchRejectedException">Nothing was written.</exception>
    public async Task StageAsync(long key, IReadOnlyList<StoredEffect> rows, long last, DateTimeOffset now)
    {
        var own = rows.Select(row => ToRow(row, last, now)).ToList();
        foreach (var row in own)
        {
            _digest = Next(_digest, row);
        }

        _count += own.Count;
        _tokens += own.Count(row => row.IsToken);
        await staging.StageEffectsAsync(key, own, CancellationToken.None);
    }

    private StoredEffect ToRow(StoredEffect row, long last, DateTimeOffset now) => (row with
    {
        FirstAfter = Math.Min(row.FirstAfter, last),
        After = Math.Min(row.After, last),
        Until = row.Until > now + longestLease ? (now + longestLease).ToMicroseconds() : row.Until,

        // The event that tells of it last is in another log.
        Position = 0,
    }).SealedIn(address);

    private static byte[] Next(byte[] digest, StoredEffect row)
    {
        Span<byte> both = stackalloc byte[SHA256.HashSizeInBytes + sizeof(long)];
        digest.CopyTo(both);
        BinaryPrimitives.WriteInt64BigEndian(both[SHA256.HashSizeInBytes..], row.Seal);
        return SHA256.HashData(both);
    }
}
