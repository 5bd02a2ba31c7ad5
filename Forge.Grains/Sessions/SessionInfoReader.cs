using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Sessions;

/// <summary>Turns a head row into what callers see of a session.</summary>
internal static class SessionInfoReader
{
    /// <summary>How far the forks of a session are counted.</summary>
    public const int MostForks = 1000;

    /// <summary>What a session is, with its links.</summary>
    public static SessionInfo ToInfo(SessionAddress address, SessionLinks links) => ToInfo(address, links.Read) with
    {
        Origin = links.Origin is { } link
            ? new SessionOrigin(
                SessionId.Parse(link.Origin), link.Sequence, link.Id,
                link.Chain is { } chain ? Convert.ToHexStringLower(chain) : null, links.OriginIsGone)
            : null,
        ForkCount = links.Forks,
    };

    public static SessionInfo ToInfo(SessionAddress address, HeadRead read) => new()
    {
        Tenant = address.Tenant,
        Session = address.Session,
        CreatedAt = read.Head.CreatedAt,
        Count = read.Head.Count,
        Bytes = read.Head.Bytes,
        Head = read.Head.Head > 0 ? new CheckpointPointer(read.Head.Head, read.HeadId) : null,
        Current = read.Head.Current > 0 ? new CheckpointPointer(read.Head.Current, read.CurrentId) : null,
        LastSequence = read.Head.LastSequence,
        LastPosition = read.Head.LastPosition,
        Version = read.Head.Version,
        PendingWrites = read.Head.WriteCount ?? 0,
        PendingWriteBytes = read.Head.WriteBytes ?? 0,
        Settings = SessionSettingsJson.Read(read.Head.Settings),
        ActiveAt = read.Head.LastCreatedAt is { } last && last > read.Head.CreatedAt ? last : read.Head.CreatedAt,
        Chain = read.Head.Chain is { } chain ? Convert.ToHexStringLower(chain) : null,
        Claim = read.Head.ClaimEpoch is null ? null : SessionEngine.ClaimOf(read.Head),
    };
}
