using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;

namespace Forge.Grains.Tests.AgentFramework;

/// <summary>What the framework's own store of files does where Forge's does better, as <c>docs/agent-framework.md</c> says. If one fails, the framework has changed.</summary>
public sealed class FrameworkFileStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Framework_IndexWhoseLastLineIsTorn_LosesTheCheckpointsOfAllSessions()
    {
        using (var store = Open())
        {
            await store.CreateCheckpointAsync("one", JsonElement.Parse("1"));
            await store.CreateCheckpointAsync("two", JsonElement.Parse("2"));
        }

        // As a process leaves it that is killed within a write.
        var index = Path.Combine(_folder.Path, "index.jsonl");
        await using (var file = new FileStream(index, FileMode.Open))
        {
            file.SetLength(file.Length - 10);
        }

        var error = Assert.Throws<InvalidOperationException>(Open);
        Assert.Contains("Index corrupted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Framework_SecondStoreOnAFolder_IsRefused()
    {
        using var first = Open();

        Assert.Throws<InvalidOperationException>(Open);
    }

    [Fact]
    public async Task Framework_UnknownParent_IsTaken()
    {
        using var store = Open();

        var child = await store.CreateCheckpointAsync("one", JsonElement.Parse("1"), new CheckpointInfo("another", "no such checkpoint"));

        Assert.Equal([child], await store.RetrieveIndexAsync("one"));
    }

    [Fact]
    public async Task Framework_TheSameAgain_IsAnotherCheckpoint()
    {
        using var store = Open();

        var keys = new[] { await store.CreateCheckpointAsync("one", JsonElement.Parse("1")), await store.CreateCheckpointAsync("one", JsonElement.Parse("1")) };

        Assert.Equal(2, keys.Distinct().Count());
    }

    public void Dispose() => _folder.Dispose();

    private FileSystemJsonCheckpointStore Open() => new(new DirectoryInfo(_folder.Path));
}
