using System.Text.Json.Serialization;
using Forge.Sessions;
using Forge.Silo.Checkpoints;
using Forge.Silo.Http;
using Microsoft.OpenApi;

namespace Forge.Silo.Branches;

/// <summary>The routes of branches.</summary>
internal static class BranchRoutes
{
    public static RouteGroupBuilder MapBranches(this RouteGroupBuilder session)
    {
        session.MapGet("/branches", async (SessionScope scope) => TypedResults.Ok(new BranchesAnswer(
                [.. (await scope.RunAsync(new ListBranches { Tips = scope.Query().Limit("tips", 0) })).Select(BranchAnswer.Of)])))
            .WithOperation<ListBranches>("The branches of the session: main, and the others by their names")
            .WithQuery("tips", "How many tips of each are told, the newest first: 0 (the default) to 100.", JsonSchemaType.Integer);
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
/// <param name="Tips">Its newest tips, the newest first; left out if they were not asked for.</param>
/// <param name="TipCount">How many tips it has; left out if they were not asked for.</param>
internal sealed record BranchAnswer(
    string Branch,
    PointerAnswer? Head,
    PointerAnswer? Current,
    long Count,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<PointerAnswer>? Tips,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? TipCount)
{
    public static BranchAnswer Of(BranchInfo info) => new(
        info.Branch, PointerAnswer.Of(info.Head), PointerAnswer.Of(info.Current), info.Count,
        info.Tips?.Select(tip => PointerAnswer.Of(tip)!).ToArray(), info.TipCount);
}
