using Forge.Replay;

namespace Forge.Grains.Tests.Replay;

public class ReplayArgumentsTests
{
    [Fact]
    public void Parse_FileAlone_HasTheDefaults()
    {
        var arguments = ReplayArguments.Parse(["runs/my run.json"]);

        Assert.Equal(
            new ReplayArguments { File = "runs/my run.json", Session = "my-run", Url = new Uri("http://127.0.0.1:5080") }, arguments);
    }

    [Fact]
    public void Parse_EveryOption_IsTaken() => Assert.Equal(
        new ReplayArguments
        {
            File = "f",
            Session = "s",
            Url = new Uri("http://127.0.0.1:9"),
            VerifyOnly = true,
            Wait = TimeSpan.FromSeconds(3),
            HoldHalf = true,
        },
        ReplayArguments.Parse(["--url", "http://127.0.0.1:9", "f", "--session", "s", "--verify", "--wait", "3", "--hold-half"]));

    [Theory]
    [InlineData("No file", "--verify")]
    [InlineData("'--oops'", "f", "--oops")]
    [InlineData("'g'", "f", "g")]
    [InlineData("--url wants a value", "f", "--url")]
    [InlineData("'ftp://x'", "f", "--url", "ftp://x")]
    [InlineData("'x'", "f", "--wait", "x")]
    [InlineData("from 1", "f", "--make-sample", "0")]
    public void Parse_BadCommandLine_SaysWhatIsWrong(string problem, params string[] arguments)
    {
        var error = Assert.Throws<ReplayException>(() => ReplayArguments.Parse(arguments));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
