using Forge.History.Chain;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Integrity;

namespace Forge.History.Verification;

/// <summary>
/// Holds the rows of effects against their checks, the count in the head row, and what the newest events of the log say of them.
/// </summary>
/// <param name="address">The session.</param>
/// <param name="stored">What is stored of it.</param>
/// <param name="told">What the newest event of each effect tells, as far as the log has it.</param>
/// <param name="report">Takes what is wrong.</param>
internal sealed class EffectAudit(
    SessionAddress address, IStoredSession stored, IReadOnlyDictionary<string, (long Position, EffectDetail Detail)> told, DamageReport report)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var (after, count, tokens) = (EffectPlace.First, 0L, 0L);
        while (await stored.EffectsAsync(after, cancellationToken) is { Count: > 0 } page)
        {
            after = EffectPlace.Of(page[^1]);
            foreach (var row in page)
            {
                (count, tokens) = (count + 1, tokens + (row.IsToken ? 1 : 0));
                if (row.WholeProblemIn(address) is { } problem)
                {
                    Report(row, problem);
                }
                else if (told.TryGetValue(row.Key, out var newest) && !Fits(row, newest.Position, newest.Detail))
                {
                    Report(row, "it is not as the newest event of it says");
                }
            }
        }

        var head = stored.Head;
        if ((count, tokens) != (head.EffectCount ?? 0, head.TokenCount ?? 0))
        {
            report.Add(
                DamageKind.Effect,
                head.LastPosition,
                0,
                $"the head row counts {head.EffectCount ?? 0} effects, {head.TokenCount ?? 0} of them tokens, and there are {count} and {tokens}");
        }
    }

    /// <summary>One that came along with an import or a fork has its events in another log, and may have the key of one that went.</summary>
    private static bool Fits(StoredEffect row, long position, EffectDetail detail) => row.Position == 0
        || (row.Position == position && (short)row.State == detail.State && (short)row.Class == detail.Class);

    private void Report(StoredEffect row, string problem) =>
        report.Add(DamageKind.Effect, row.Position, 0, $"effect {row.Key}: {problem}");
}
