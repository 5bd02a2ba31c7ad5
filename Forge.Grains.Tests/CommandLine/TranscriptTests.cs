using Forge.Grains.Tests.Http;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>Every command against a real silo, its output as a golden text; and the examples of the page on the command line, as they stand there.</summary>
public sealed class TranscriptTests
{
    [Theory]
    [InlineData("CommandLine/Golden/checkpoints.txt")]
    [InlineData("CommandLine/Golden/sessions.txt")]
    [InlineData("CommandLine/Golden/timelines.txt")]
    [InlineData("CommandLine/Golden/terminals.txt")]
    [InlineData("CommandLine/Golden/documents.txt")]
    [InlineData("docs/cli.md")]
    public async Task Commands_OfATranscript_AnswerAsItSays(string file)
    {
        await using var server = new SiloServer();
        await server.InitializeAsync();
        using var run = CommandLineRun.For(server.Client.BaseAddress!);

        await CompareAsync(file, run);
    }

    /// <summary>Runs the commands of a transcript and holds what they answer against it.</summary>
    internal static async Task CompareAsync(string file, CommandLineRun run)
    {
        using var folder = new TemporaryFolder();
        var expected = (await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, file), TestContext.Current.CancellationToken)).TrimEnd('\n');

        var actual = (await new Transcript(run, folder.Path).ReplayAsync(expected)).TrimEnd('\n');

        // Beside the expected one, for whoever has to compare the two.
        if (actual != expected)
        {
            await File.WriteAllTextAsync(Path.Combine(AppContext.BaseDirectory, file + ".actual"), actual + "\n", TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, actual);
    }
}
