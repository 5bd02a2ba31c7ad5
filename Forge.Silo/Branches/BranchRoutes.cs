using Forge.Sessions;
using Forge.Silo.Checkpoints;
using Forge.Silo.Http;

namespace Forge.Silo.Branches;

/// <summary>The routes of branches.</summary>
internal static class BranchRoutes
{
    public static RouteGroupBuilder MapBranches(this RouteGroupBuilder session)
    {
        session.MapGet("/branches", async (SessionScope scope) => TypedResults.Ok(new BranchesAnswer(
                [.. (await scope.RunAsync(new ListBranches())).Select(BranchAnswer.Of)])))
            .WithOperation<ListBranches>("The branches of the session: main, and the others by their names");
        return session;
    }
}

/// <summary>The branches of a session.</summary>
/// <param name="Items">Main, and the others by their names.</param>
internal sealed record BranchesAnswer(IReadOnlyList<BranchAnswer> Items);

/// <summary>A branch.</summary>
/// <param name="Branch">Its name.</param>
/// <param name="Head">Its newest checkpoint; null if it has none, as main may.</param>
/// <param name="Current">The parent of its next checkpoint that does not name another; null for none.</param>
/// <param name="Count">How many of its checkpoints there are.</param>
internal sealed record BranchAnswer(string Branch, PointerAnswer? Head, PointerAnswer? Current, long Count)
{
    public static BranchAnswer Of(BranchInfo info) =>
        new(info.Branch, PointerAnswer.Of(info.Head), PointerAnswer.Of(info.Current), info.Count);
}
