using System.Text.Json;
using Forge.Effects;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Sessions;

/// <summary>
/// What is read of effects, every row of which is held against its checks first: a damaged one is never shown, and nothing is decided by it.
/// </summary>
internal sealed class KnownEffects(LiveSession session)
{
    private const int PageRows = 1000;

    private (long Sequence, long Version)? _none;

    private IEffects Reads => session.Services.Effects;

    /// <summary>An effect to change; null if there is none.</summary>
    /// <exception cref="EffectDamagedException">It is not what was written.</exception>
    public async Task<Versioned<StoredEffect?>> FindAsync(string key)
    {
        var known = session.Engine.CommittedVersion;
        var read = await Reads.FindAsync(session.Address, key, CancellationToken.None);
        session.RequireNotOvertaken(read.Version, known);
        RequireWhole(session.Address, read.Value);
        return read;
    }

    /// <summary>The same of one that must be there.</summary>
    /// <exception cref="EffectNotFoundException">It is not.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public async Task<Versioned<StoredEffect>> RequireAsync(string key)
    {
        var read = await FindAsync(key);
        return read.Value is { } row ? read.With(row)
            : session.Engine.Committed?.Head.DeletedAt is not null ? throw new SessionDeletedException(session.Address)
            : throw new EffectNotFoundException(session.Address, key);
    }

    /// <summary>
    /// The effects of a session that were begun since a checkpoint was there, and those of them that are not acknowledged.
    /// </summary>
    /// <param name="origin">The session.</param>
    /// <param name="sequence">The checkpoint's sequence.</param>
    /// <param name="rule">What to do about those.</param>
    /// <param name="acknowledged">The keys of those that are.</param>
    /// <param name="incarnation">The life of the session's name that is meant; null for that of now.</param>
    /// <returns>The effects, and the version that they were read in.</returns>
    /// <exception cref="EffectsAfterException">It is to be refused, and some of them are not acknowledged.</exception>
    /// <exception cref="EffectDamagedException">One is not what was written.</exception>
    public async Task<Versioned<EffectsAfter>> ReadAfterAsync(
        SessionAddress origin, long sequence, EffectsRule rule, IReadOnlyList<string> acknowledged, int? incarnation = null)
    {
        var (named, left, known) = (new Named(), new Named(), acknowledged.ToHashSet(StringComparer.Ordinal));
        var now = session.Now;
        var (place, version) = (EffectPlace.Since(sequence), 0L);
        while (true)
        {
            var read = await Reads.ReadAfterAsync(origin, place, PageRows, CancellationToken.None);
            RequireThere(origin, read, incarnation);
            version = version == 0 ? read.Version : Math.Min(version, read.Version);
            foreach (var row in read.Rows)
            {
                var summary = Show(origin, row, now);
                named.Add(summary);
                if (!known.Contains(row.Key))
                {
                    left.Add(summary);
                }
            }

            if (read.Rows.Count < PageRows)
            {
                break;
            }

            place = EffectPlace.Of(read.Rows[^1]);
        }

        return rule == EffectsRule.Refuse && left.Count > 0
            ? throw new EffectsAfterException(origin, left.ToEffects())
            : new(version, named.ToEffects());
    }

    /// <summary>
    /// True if the committed version has no effect that was begun since a checkpoint was there: none was when this activation read them, and it
    /// has changed none since. What the head row counts is not asked: a damaged count must not hide one.
    /// </summary>
    public bool AreNoneAfter(long sequence) => _none is { } known && sequence >= known.Sequence
        && session.Engine.CommittedVersion >= known.Version && session.Engine.NewestEffectChange <= known.Version;

    /// <summary>Takes note that a read showed none that was begun since a checkpoint was there.</summary>
    /// <param name="sequence">The checkpoint's sequence.</param>
    /// <param name="version">The version of the session that was read.</param>
    public void NoteNoneAfter(long sequence, long version)
    {
        if (_none is not { } known || known.Version < session.Engine.NewestEffectChange || sequence <= known.Sequence)
        {
            _none = (sequence, version);
        }
    }

    /// <summary>Throws if a session is not there, or not in the life that is meant.</summary>
    /// <exception cref="SessionDeletedException">It was deleted.</exception>
    public static void RequireThere(SessionAddress address, EffectsRead read, int? incarnation)
    {
        if (read.Head is { } head && (head.DeletedAt is not null || head.Incarnation != (incarnation ?? head.Incarnation)))
        {
            throw new SessionDeletedException(address);
        }
    }

    /// <summary>The short part of an effect.</summary>
    /// <exception cref="EffectDamagedException">It is not what was written.</exception>
    public static EffectSummary Show(SessionAddress address, StoredEffect row, DateTimeOffset now) =>
        row.ProblemIn(address) is { } problem ? throw new EffectDamagedException(address, row.Key, problem) : ToSummary(row, now);

    /// <summary>All of an effect whose row was looked at.</summary>
    /// <exception cref="EffectDamagedException">What is kept as evidence cannot be read.</exception>
    public static Effect ToEffect(SessionAddress address, StoredEffect row, DateTimeOffset now)
    {
        try
        {
            return new Effect
            {
                Summary = ToSummary(row, now),
                RequestSha256 = Convert.ToHexStringLower(row.Request),
                Request = row.RequestText,
                TargetKey = row.TargetKey,
                Result = row.Result ?? [],
                ContentType = row.ContentType,
                Reason = row.Reason,
                ResolvedBy = row.ResolvedBy,
                Evidence = EffectEvidenceText.Read(row.Evidence),
            };
        }
        catch (JsonException exception)
        {
            throw new EffectDamagedException(address, row.Key, "its evidence cannot be read", exception);
        }
    }

    /// <summary>Throws unless a whole row is what was written.</summary>
    /// <exception cref="EffectDamagedException">It is not.</exception>
    public static void RequireWhole(SessionAddress address, StoredEffect? row)
    {
        if (row?.WholeProblemIn(address) is { } problem)
        {
            throw new EffectDamagedException(address, row.Key, problem);
        }
    }

    private static EffectSummary ToSummary(StoredEffect row, DateTimeOffset now) => new(
        row.Key, row.Class, row.StatusAt(now), row.Epoch, row.After, row.BegunAt, row.Until, row.ChangedAt);

    /// <summary>The first of some effects, and how many they are.</summary>
    private sealed class Named
    {
        private readonly List<EffectSummary> _first = [];

        public long Count { get; private set; }

        public void Add(EffectSummary effect)
        {
            Count++;
            if (_first.Count < EffectsAfter.MostNamed)
            {
                _first.Add(effect);
            }
        }

        public EffectsAfter ToEffects() => Count == 0 ? EffectsAfter.None : new(_first, Count);
    }
}
