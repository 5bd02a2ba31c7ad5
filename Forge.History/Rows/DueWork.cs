using Forge.History.Changes;
using Forge.Identity;

namespace Forge.History.Rows;

/// <summary>Claimed work.</summary>
/// <param name="Id">Its id, never used again.</param>
/// <param name="Kind">What there is to do.</param>
/// <param name="SessionKey">For which session; 0 for the database.</param>
/// <param name="Noted">How often it was noted again before it was claimed.</param>
/// <param name="Cursor">Where a walk stands.</param>
/// <param name="Failures">How often it failed since it was last done.</param>
internal sealed record DueWork(
    long Id, DueWorkKind Kind, long SessionKey, long Noted = 0, long Cursor = 0, int Failures = 0);

/// <summary>What a walk sees of a session.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Address">Its name.</param>
/// <param name="Settings">Its settings as JSON; null if none were set.</param>
/// <param name="CreatedAt">When its first change was made.</param>
/// <param name="LastCreatedAt">When its newest checkpoint was created; null before the first.</param>
/// <param name="Count">How many checkpoints are visible.</param>
/// <param name="LastPosition">The position of its newest event.</param>
/// <param name="ImportedAt">When something was last imported into it; null for never.</param>
internal sealed record WalkedSession(
    long Key,
    SessionAddress Address,
    string? Settings,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastCreatedAt,
    long Count,
    long LastPosition,
    DateTimeOffset? ImportedAt);

/// <summary>One step of a walk.</summary>
/// <param name="Cursor">The key that the next step goes on after; 0 to begin again.</param>
/// <param name="DueAt">When the next step is due.</param>
/// <param name="Found">Work to note.</param>
internal sealed record WalkStep(long Cursor, DateTimeOffset DueAt, IReadOnlyList<FoundWork> Found);

/// <summary>Work that a walk found to do for a session.</summary>
internal readonly record struct FoundWork(long Key, DueWorkKind Kind, DateTimeOffset DueAt);
