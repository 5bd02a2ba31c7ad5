using Forge.History.Changes;

namespace Forge.History.Feeds;

/// <summary>Positions of one session that one commit gave.</summary>
/// <param name="Key">The session.</param>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
internal readonly record struct FeedEntry(long Key, long First, long Last)
{
    /// <summary>The positions of a commit; null if nothing happened in it that has one.</summary>
    public static FeedEntry? Of(SessionCommit commit)
    {
        var first = long.MaxValue;
        for (var i = 0; i < commit.Changes.Count; i++)
        {
            first = Math.Min(first, commit.Changes[i] switch
            {
                Created created => created.Row.Position,
                Logged logged => logged.Event.Position,
                TookOver taken => taken.Offset + 1,
                _ => long.MaxValue,
            });
        }

        return first > 0 && first <= commit.Head.LastPosition ? new FeedEntry(commit.Head.Key, first, commit.Head.LastPosition) : null;
    }
}
