using System.Text;
using System.Text.Json;
using Forge.Cli.Replay;
using Forge.Differences;

namespace Forge.Grains.Tests.Differences;

/// <summary>Patches between the steps of conversations.</summary>
public sealed class TranscriptPatchTests
{
    [Fact]
    public void Compare_StepsOfRecordedRuns_PatchIsATenthOfTheState()
    {
        var files = Files();
        Assert.SkipWhen(files.Count == 0, "There are no recorded runs at ../shared/data/trajectories from the repository's folder.");
        foreach (var file in files)
        {
            var run = RecordedRun.Parse(File.ReadAllBytes(file));
            for (var step = 1; step < run.Steps; step++)
            {
                var (from, to) = (run.StateOf(step - 1), run.StateOf(step));

                var patch = TestPatch.Make(from, to);

                // A message that is itself a large part of the state has to be in the patch whatever is done.
                var limit = Math.Max(to.Length / 10, run.MessageOf(step).Length + 200);
                Assert.True(patch.Bytes.Length <= limit, $"{Path.GetFileName(file)}, step {step}: {patch.Bytes.Length} of {to.Length}");
                Assert.Equal((1, 0, 0), (patch.Summary.Added, patch.Summary.Removed, patch.Summary.Moved));
            }
        }
    }

    [Fact]
    public void Compare_StepsOfAMadeConversation_PatchIsATenthOfTheState()
    {
        for (var messages = 100; messages < 120; messages++)
        {
            var (from, to) = (Conversation(messages, 0), Conversation(messages + 1, 0));

            var patch = TestPatch.Make(from, to);

            Assert.True(patch.Bytes.Length < to.Length / 10);
        }
    }

    [Fact]
    public void Compare_LargeTranscriptWithManyAppendedAndSomeChanged_SaysJustThat()
    {
        var (from, to) = (Conversation(5000, 0), Conversation(8000, 500));

        var patch = TestPatch.Make(from, to);

        Assert.False(patch.IsCoarse);
        Assert.Equal((3000, 0, 10, 0), (patch.Summary.Added, patch.Summary.Removed, patch.Summary.Changed, patch.Summary.Moved));
        Assert.True(patch.Bytes.Length < to.Length / 2);
    }

    /// <summary>A conversation, every so manyth message of whose first 5000 was written anew.</summary>
    private static byte[] Conversation(int messages, int rewritten) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        history = Enumerable.Range(0, messages).Select(number => new
        {
            role = number % 2 == 0 ? "assistant" : "tool",
            id = $"call_{number * 7919:x8}",
            content = string.Concat(Enumerable.Repeat($"message {number}, said \"so\".\n", 20))
                + (rewritten > 0 && number < 5000 && number % rewritten == 3 ? "And again." : "Once."),
        }),
    });

    private static List<string> Files()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "forge.sln")))
            {
                var runs = Path.Combine(folder.FullName, "..", "shared", "data", "trajectories");
                return Directory.Exists(runs) ? [.. Directory.EnumerateFiles(runs, "*.json").Order(StringComparer.Ordinal)] : [];
            }
        }

        return [];
    }
}
