using System.Text;
using Forge.Checkpoints;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Pending writes as calls, for short.</summary>
internal static class WriteCalls
{
    public static NewWrite Make(string task, int index = 0, string value = "1", WriteMode mode = WriteMode.First) => new()
    {
        Task = task,
        Index = index,
        Name = $"of {task}",
        Value = Encoding.UTF8.GetBytes(value),
        Mode = mode,
    };

    public static Task<WritesResult> WriteAsync(
        this ISessionGrain session, CheckpointReference checkpoint, NewWrite[] writes, ChangeRequest request = default, long? epoch = null) =>
        session.RunAsync(new PutWrites(checkpoint, writes) { Request = request, Epoch = epoch });

    public static Task<WritesResult> WriteAsync(this ISessionGrain session, CheckpointReference checkpoint, params string[] tasks) =>
        session.WriteAsync(checkpoint, [.. tasks.Select(task => Make(task))]);

    public static Task<WritePage?> ListWritesAsync(
        this ISessionGrain session, CheckpointReference checkpoint, int limit = 100, string? cursor = null) =>
        session.RunAsync(new ListWrites(checkpoint, limit, cursor));

    /// <summary>The writes of a checkpoint as texts, page by page.</summary>
    public static async Task<List<string>> WritesOfAsync(this ISessionGrain session, CheckpointReference checkpoint, int limit = 100)
    {
        var (found, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = (await session.ListWritesAsync(checkpoint, limit, cursor))!;
            found.AddRange(page.Items.Select(write => $"{write.Task}/{write.Index}={Encoding.UTF8.GetString(write.Value.Span)}"));
            cursor = page.Next;
        }
        while (cursor is not null);
        return found;
    }

    public static async Task<(long, long)> CountedAsync(this ISessionGrain session)
    {
        var info = (await session.GetInfoAsync())!;
        return (info.PendingWrites, info.PendingWriteBytes);
    }
}
