using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Sessions;

/// <summary>Turns a head row into what callers see of a session.</summary>
internal static class SessionInfoReader
{
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
        Settings = SessionSettingsJson.Read(read.Head.Settings),
        ActiveAt = read.Head.LastCreatedAt is { } last && last > read.Head.CreatedAt ? last : read.Head.CreatedAt,
        Chain = read.Head.Chain is { } chain ? Convert.ToHexStringLower(chain) : null,
        Claim = read.Head.ClaimEpoch is null ? null : SessionEngine.ClaimOf(read.Head),
    };
}
