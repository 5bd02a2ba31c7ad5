using System.Text;
using Forge.Cli.Hosting;
using Forge.Cli.Terminal;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.CommandLine;

public sealed class ProgressTests
{
    [Fact]
    public void Add_KnownTotal_TellsRateAndWhatIsLeft()
    {
        Assert.Equal(
            "\r\u001b[2Kimporting 1.0 KiB of 4.0 KiB\r\u001b[2Kimporting 2.0 KiB of 4.0 KiB, 1.0 KiB/s, 2 s left\r\u001b[2K",
            Shown(isTerminal: true, total: 4096, 1024, 1024));
    }

    [Fact]
    public void Add_UnknownTotal_TellsTheRateAlone() => Assert.Equal(
        "\r\u001b[2Kimporting 1.0 KiB\r\u001b[2Kimporting 2.0 KiB, 1.0 KiB/s\r\u001b[2K", Shown(isTerminal: true, total: null, 1024, 1024));

    [Fact]
    public void Add_NoTerminal_SaysNothing() => Assert.Equal("", Shown(isTerminal: false, total: 4096, 1024, 1024));

    [Fact]
    public void Add_SoonAfterTheLast_IsNotShown()
    {
        var time = new FakeTimeProvider();
        using var error = new MemoryStream();
        using var screen = ScreenOf(time, error, isTerminal: true);
        using (var progress = new Progress(screen, "importing", null, Said.Bytes))
        {
            progress.Add(1);
            time.Advance(TimeSpan.FromMilliseconds(99));
            progress.Add(1);
        }

        Assert.Equal("\r\u001b[2Kimporting 1 B\r\u001b[2K", Encoding.UTF8.GetString(error.ToArray()));
    }

    private static string Shown(bool isTerminal, long? total, params long[] amounts)
    {
        var time = new FakeTimeProvider();
        using var error = new MemoryStream();
        using var screen = ScreenOf(time, error, isTerminal);
        using (var progress = new Progress(screen, "importing", total, Said.Bytes))
        {
            foreach (var amount in amounts)
            {
                progress.Add(amount);
                time.Advance(TimeSpan.FromSeconds(2));
            }
        }

        return Encoding.UTF8.GetString(error.ToArray());
    }

    private static Screen ScreenOf(TimeProvider time, Stream error, bool isTerminal) => new(
        new Surroundings
        {
            Input = Stream.Null,
            Output = Stream.Null,
            Error = error,
            ErrorIsTerminal = isTerminal,
            Variable = _ => null,
            ConfigurationFolder = "",
            Time = time,
        },
        ColorChoice.Never);
}
