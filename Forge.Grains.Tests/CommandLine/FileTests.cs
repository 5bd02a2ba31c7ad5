using Forge.Cli.Portability;
using Forge.Cli.Watching;
using Forge.Grains.Tests.Http;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>States and documents, into files and out of them.</summary>
[Collection(HttpTests.Name)]
public sealed class FileTests(SiloServer server)
{
    private readonly string _session = $"files-{Guid.NewGuid():N}";

    [Fact]
    public async Task Commands_StateOfManyLevels_TakeAndShowIt()
    {
        const int Levels = 200;
        var (one, two) = (new string('[', Levels) + "1" + new string(']', Levels), new string('[', Levels) + "2" + new string(']', Levels));
        using var run = CommandLineRun.For(server.Client.BaseAddress!);

        await run.DoneAsync("checkpoint", "create", _session, "-m", "one", "-s", one);
        await run.DoneAsync("checkpoint", "create", _session, "-m", "two", "-s", two);

        Assert.Equal(one, await run.DoneAsync("checkpoint", "show", _session, "1", "--state-only"));
        Assert.Contains("1", await run.DoneAsync("checkpoint", "show", _session, "1"), StringComparison.Ordinal);
        Assert.Contains("1 changed", await run.DoneAsync("checkpoint", "diff", _session, "1", "2"), StringComparison.Ordinal);
        await run.DoneAsync("checkpoint", "restore", _session, "1", "--save-state", two);
        await run.DoneAsync("checkpoint", "delete", _session, "2", "--dry-run");
    }

    [Fact]
    public async Task Output_FileDeviceOrDash_IsWhatItIs()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "state");
        using var run = CommandLineRun.For(server.Client.BaseAddress!);
        await run.DoneAsync("checkpoint", "create", _session, "-m", "one", "-s", "1");

        await run.DoneAsync("checkpoint", "show", _session, "1", "-o", file);
        var document = await run.DoneAsync("session", "export", _session, "-o", "-");

        Assert.Equal("1", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal([file], Directory.GetFiles(folder.Path));
        Assert.StartsWith("{\"forge\":\"session\"", document, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            await using var device = OutputFile.Create("/dev/null");
            Assert.Equal("/dev/null", device.Stream.Name);
        }
    }

    [Fact]
    public async Task Read_NothingForTooLong_EndsAsAConnectionDoes()
    {
        var time = new FakeTimeProvider();
        await using var stream = new LivelyStream(new SilentStream(), TimeSpan.FromSeconds(60), time);

        var reading = stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask();
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(reading.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<IOException>(() => reading);
    }

    private sealed class SilentStream : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var never = new TaskCompletionSource<int>();
            return await never.Task.WaitAsync(cancellationToken);
        }
    }
}
