using Forge.Checkpoints;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>The operations of a session's grain as calls, for short.</summary>
internal static class SessionOperations
{
    public static Task<Checkpoint?> GetAsync(this ISessionGrain session, CheckpointReference checkpoint) =>
        session.RunAsync(new GetCheckpoint(checkpoint));

    public static Task<CheckpointSummary?> GetSummaryAsync(this ISessionGrain session, CheckpointReference checkpoint) =>
        session.RunAsync(new GetSummary(checkpoint));

    public static Task<CheckpointPage> ListAsync(this ISessionGrain session, CheckpointQuery query) =>
        session.RunAsync(new ListCheckpoints(query));

    /// <summary>Creates a checkpoint with a state in JSON, or in something else.</summary>
    public static async Task<CheckpointSummary> SaveAsync(
        this ISessionGrain session, string state, string contentType = NewCheckpoint.DefaultContentType) =>
        (await session.CreateAsync(new NewCheckpoint
        {
            Message = "m",
            State = System.Text.Encoding.UTF8.GetBytes(state),
            ContentType = contentType,
        })).Checkpoint!;

    public static Task<RestoreResult> RestoreAsync(
        this ISessionGrain session, CheckpointReference checkpoint, ChangeRequest request = default, string? branch = null) =>
        session.RunAsync(new RestoreCheckpoint(checkpoint, branch) { Request = request });

    public static async Task<Dictionary<string, (long? Head, long? Current, long Count)>> BranchesAsync(this ISessionGrain session) =>
        (await session.RunAsync(new ListBranches())).ToDictionary(
            branch => branch.Branch, branch => (branch.Head?.Sequence, branch.Current?.Sequence, branch.Count));

    public static Task<bool> DeleteAsync(
        this ISessionGrain session, CheckpointReference checkpoint, ChangeRequest request = default) =>
        session.RunAsync(new DeleteCheckpoint(checkpoint) { Request = request });

    public static Task<Annotation> AnnotateAsync(
        this ISessionGrain session, CheckpointReference checkpoint, AnnotationSeverity severity, string text, ChangeRequest request = default) =>
        session.RunAsync(new AnnotateCheckpoint(checkpoint, severity, text) { Request = request });

    public static Task<CheckpointSummary> SetTagsAsync(
        this ISessionGrain session, CheckpointReference checkpoint, IReadOnlyList<string> tags, ChangeRequest request = default) =>
        session.RunAsync(new SetTags(checkpoint, tags) { Request = request });

    public static Task<CompactResult> CompactAsync(
        this ISessionGrain session, RetentionPolicy? policy, bool dryRun = false, ChangeRequest request = default) =>
        session.RunAsync(new CompactSession(policy, dryRun) { Request = request });

    public static Task<SessionInfo?> GetInfoAsync(this ISessionGrain session) => session.RunAsync(new GetSession());

    public static Task<SessionInfo> SetSettingsAsync(
        this ISessionGrain session, SessionSettings settings, ChangeRequest request = default) =>
        session.RunAsync(new SetSettings(settings) { Request = request });

    public static Task<bool> DeleteSessionAsync(this ISessionGrain session, ChangeRequest request = default) =>
        session.RunAsync(new DeleteSession { Request = request });

    public static Task<ErasureStatus> EraseSessionAsync(this ISessionGrain session, CancellationToken cancellationToken = default) =>
        session.RunAsync(new EraseSession(), cancellationToken);
}
