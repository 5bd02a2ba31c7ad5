using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Integrity;

namespace Forge.Grains.Sessions;

/// <summary>
/// Holds the anchors that calls bring against the session's log (ADR 0035). Those near the head cost nothing; any other is looked up once, and
/// known from then on. Where the log cannot tell what was at a position, an anchor is taken as it is.
/// </summary>
internal sealed class AnchorGuard(LiveSession session)
{
    private const int MaxRounds = 100;

    private int _reads;

    /// <summary>How many versions were noted that are below what was committed by then.</summary>
    private long _behind;

    /// <summary>The least version that any read was answered under since no anchored read was under way.</summary>
    private long _least = long.MaxValue;

    private KnownLinks Links => session.Engine.Links;

    /// <summary>True if an anchor is known to be one of the log: there is nothing to wait for.</summary>
    public bool Has(Anchor anchor) => Links.Has(anchor);

    /// <summary>Makes sure that the log contains an anchor.</summary>
    /// <exception cref="HistoryRewrittenException">It does not.</exception>
    /// <exception cref="InvalidRequestException">It is none.</exception>
    /// <exception cref="SessionMovedException">The database has gone on without this activation.</exception>
    public ValueTask RequireAsync(Anchor anchor) => Has(anchor) ? ValueTask.CompletedTask : new(LookUpAsync(anchor));

    /// <summary>
    /// Makes a read for a caller with an anchor. What this activation knows of the log says nothing of a database that was put back under
    /// it: a read that was answered under an older version than was committed before it is looked into before it is given out.
    /// </summary>
    /// <exception cref="HistoryRewrittenException">The log does not contain the anchor.</exception>
    public async Task<T> ReadAsync<T>(Anchor anchor, Func<Task<T>> read)
    {
        await RequireAsync(anchor);
        var known = session.Engine.Committed?.Head;
        if (_reads++ == 0)
        {
            _least = long.MaxValue;
        }

        T answer;
        try
        {
            try
            {
                answer = await read();
            }
            finally
            {
                _reads--;
            }
        }
        catch (ForgeException error) when (!error.IsTransient)
        {
            // That something is not there is an answer as well.
            await LookBehindAsync(anchor, known);
            throw;
        }

        await LookBehindAsync(anchor, known);
        return answer;
    }

    /// <summary>Notes the version that a read was answered under.</summary>
    public void NoteVersion(long version)
    {
        _least = Math.Min(_least, version);
        if (version < session.Engine.CommittedVersion)
        {
            _behind++;
        }
    }

    /// <summary>Looks into a read that was answered under an older version than was committed before it began.</summary>
    private async Task LookBehindAsync(Anchor anchor, SessionHead? known)
    {
        if (known is null || _least >= known.Version)
        {
            return;
        }

        var behind = _behind;
        var told = await session.Services.Versions.ReadAsync(known.Key, CancellationToken.None);
        if (told >= known.Version)
        {
            if (behind == _behind)
            {
                // All that was behind was so before the database told its version: the reads that are under way need not ask again for that.
                _least = told;
            }

            return;
        }

        Links.Clear();
        session.StepDown(LiveSession.PutBack);
        await LookUpAsync(anchor);
    }

    private async Task LookUpAsync(Anchor anchor)
    {
        AnchorRules.Require([anchor]);
        for (var round = 0; round < MaxRounds; round++)
        {
            var page = await session.Services.Log.ReadAsync(session.Address, anchor.Position - 1, limit: 1, bytes: 1, CancellationToken.None);
            if (page is null)
            {
                if (await IsInTombstoneAsync(anchor))
                {
                    return;
                }

                continue;
            }

            // Where the chain begins has to be of the life that was read.
            await RequireNotOvertakenAsync(page.Version);
            if (anchor.Position > page.LastPosition)
            {
                throw Rewritten(anchor, $"the log ends at {page.LastPosition}");
            }

            if (anchor.Position > (session.Engine.Committed?.Head.ChainedAfter ?? 0))
            {
                RequireValue(anchor, page.Entries is [var entry, ..] ? entry : null);
            }

            Links.Add(anchor.Position, Convert.FromHexString(anchor.Chain));
            return;
        }

        throw new BusyException("session", "keeps being deleted and revived while its log is read");
    }

    /// <summary>True if the session is deleted and had got as far as the anchor; false if it lives by now.</summary>
    private async Task<bool> IsInTombstoneAsync(Anchor anchor)
    {
        var head = (await session.Reads.ReadHeadAsync(session.Address, CancellationToken.None))?.Head
            ?? throw Rewritten(anchor, "there is no such session");
        return head.DeletedAt is not null && (anchor.Position <= head.LastPosition
            ? true
            : throw Rewritten(anchor, $"the log ended at {head.LastPosition}, when the session was deleted"));
    }

    private async Task RequireNotOvertakenAsync(long version)
    {
        while (version > session.Engine.CommittedVersion && session.Engine.NewestInFlight is { } sent)
        {
            // What was read is what this activation has sent, or what another one wrote first: then the commit fails.
            await session.SettleAsync(sent);
        }

        session.RequireNotOvertaken(version, known: 0);
    }

    /// <summary>Throws if what stands at an anchor's position is known to have another value, or if nothing ever stood there.</summary>
    private void RequireValue(Anchor anchor, LogEntry? entry)
    {
        var (isThere, chain) = entry switch
        {
            CreatedEntry created => (true, created.Chain),
            EventEntry happened => (true, happened.Event.Chain),

            // Of a removed run the end alone has a value.
            GapEntry { Run: { } run } => (true, run.LastPosition == anchor.Position ? run.Chain : null),
            _ => (false, null),
        };
        if (!isThere)
        {
            throw Rewritten(anchor, "nothing is there in the log");
        }

        if (chain is not null && !KnownLinks.IsValue(anchor.Chain, chain))
        {
            throw Rewritten(anchor, "the log has another chain value there");
        }
    }

    private HistoryRewrittenException Rewritten(Anchor anchor, string problem) => new(session.Address, anchor.Position, problem);
}
