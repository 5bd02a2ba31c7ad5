using Forge.Sessions;
using Forge.Silo.Http;

namespace Forge.Silo.Sessions;

/// <summary>The JSON of a compaction. Without a keep it follows the session's own retention, then its tenant's,
/// then the silo's.</summary>
/// <param name="KeepRecent">Keep the newest this many.</param>
/// <param name="KeepTags">Keep those with any of these tags.</param>
/// <param name="KeepYoungerThan">Keep those younger than this ISO 8601 duration.</param>
/// <param name="DryRun">True to be told what would go, with nothing changed.</param>
internal sealed record CompactBody(
    int? KeepRecent = null, IReadOnlyList<string>? KeepTags = null, string? KeepYoungerThan = null, bool DryRun = false)
{
    public static (RetentionPolicy? Policy, bool DryRun) Parse(ReadOnlyMemory<byte> json) =>
        json.IsEmpty ? (null, false) : JsonObjectReader.Read(json, "", (ref JsonObjectReader reader) =>
        {
            var (policy, dryRun) = (new RetentionPolicy(), false);
            while (reader.Next(out var name))
            {
                if (name == "dryRun")
                {
                    dryRun = reader.Boolean();
                }
                else if (!RetentionBody.TryRead(ref reader, name, ref policy))
                {
                    reader.RefuseUnknown();
                }
            }

            return (policy == new RetentionPolicy() ? null : policy, dryRun);
        });
}

/// <summary>A compaction.</summary>
/// <param name="Deleted">How many checkpoints went; of a dry run: would go.</param>
/// <param name="Remaining">How many stay.</param>
/// <param name="FreedBytes">The stored bytes of the states that went.</param>
/// <param name="Position">The position of the compaction in the session's log; null where nothing was changed.</param>
/// <param name="Chain">The chain value of that position in hexadecimal; null where nothing was changed.</param>
internal sealed record CompactAnswer(long Deleted, long Remaining, long FreedBytes, long? Position, string? Chain);
