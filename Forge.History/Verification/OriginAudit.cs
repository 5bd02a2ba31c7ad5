using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Integrity;

namespace Forge.History.Verification;

/// <summary>Holds a session's link to its origin against the event that tells of the fork, and against the head row.</summary>
internal static class OriginAudit
{
    /// <param name="head">The head row, which its seal covers.</param>
    /// <param name="link">The link; null if there is none.</param>
    /// <param name="forked">The forked event, which the chain covers; null if the log has none.</param>
    /// <param name="report">Takes what is wrong.</param>
    public static void Check(SessionHead head, ForkLink? link, SessionEvent? forked, DamageReport report)
    {
        if (forked is null && link is null && head.OriginSequence is null)
        {
            return;
        }

        var told = EventDetail.Read(forked?.Detail)?.Origin;
        var problem = link is null ? "is missing"
            : forked is not { } happened ? "was never made: the log does not say that the session was forked"
            : OriginDetail.Of(link) != told || link.At != happened.At ? "is not the one that the log tells of"
            : (head.OriginSequence, head.OriginKey) != (link.Sequence, link.OriginKey) ? "is not that of the head row"
            : null;
        if (problem is not null)
        {
            report.Add(DamageKind.Origin, forked?.Position ?? 0, 0, $"the link to the origin {problem}");
        }
    }
}
