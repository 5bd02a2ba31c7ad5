using System.Text;
using System.Text.Json;
using Forge.Cli.Replay;

namespace Forge.Grains.Tests.Replay;

public class RecordedRunTests
{
    [Fact]
    public void StateOf_EachStep_HoldsTheMessagesSoFarByteForByte()
    {
        var run = Parse("""{"a":[{"history":1}], "history": [ {"x" :  "é\u00e9\/"},  -1.50E+2 ,[1, 2] ], "z":{}}""");

        Assert.Equal(3, run.Steps);
        Assert.Equal("""{"step": 0, "history": [{"x" :  "é\u00e9\/"}]}""", Text(run, 0));
        Assert.Equal("""{"step": 2, "history": [{"x" :  "é\u00e9\/"},-1.50E+2,[1, 2]]}""", Text(run, 2));
    }

    [Fact]
    public void ConversationOf_EachStep_IsTheBeginningOfTheNextButForItsEnd()
    {
        var run = Parse("""{"history": [ {"x" :  1},  -1.50E+2 ]}""");

        Assert.Equal("""{"history": [{"x" :  1}]}""", Encoding.UTF8.GetString(run.ConversationOf(0)));
        Assert.Equal("""{"history": [{"x" :  1},-1.50E+2]}""", Encoding.UTF8.GetString(run.ConversationOf(1)));
    }

    [Fact]
    public void MessageOf_EachStep_IsTheMessageAsItStandsInTheFile()
    {
        var run = Parse("""{"history": [ {"x" :  1},  -1.50E+2 ]}""");

        Assert.Equal("""{"x" :  1}""", Encoding.UTF8.GetString(run.MessageOf(0)));
        Assert.Equal("-1.50E+2", Encoding.UTF8.GetString(run.MessageOf(1)));
    }

    [Fact]
    public void Parse_ByteOrderMark_IsNoPartOfTheRun() => Assert.Equal(
        """{"step": 0, "history": [1]}""", Encoding.UTF8.GetString(RecordedRun.Parse([0xEF, 0xBB, 0xBF, .. """{"history":[1]}"""u8]).StateOf(0)));

    [Theory]
    [InlineData("[]", "no recorded run")]
    [InlineData("{}", "no recorded run")]
    [InlineData("""{"history":[]}""", "no recorded run")]
    [InlineData("""{"history":{}}""", "no recorded run")]
    [InlineData("""{"history":[1],"history":[2]}""", "no recorded run")]
    [InlineData("", "not JSON")]
    [InlineData("""{"history":[1""", "not JSON")]
    [InlineData("""{"history":[1]} x""", "not JSON")]
    public void Parse_AnythingElse_IsRefusedInWords(string file, string problem)
    {
        var error = Assert.Throws<ReplayException>(() => Parse(file));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_Sample_IsARunOfThatManyStepsAndAlwaysTheSame()
    {
        var sample = SampleRun.Make(300);

        var run = RecordedRun.Parse(sample);

        Assert.Equal(300, run.Steps);
        Assert.Equal(sample, SampleRun.Make(300));
        using var state = JsonDocument.Parse(run.StateOf(299));
        Assert.Equal((299, 300), (state.RootElement.GetProperty("step").GetInt32(), state.RootElement.GetProperty("history").GetArrayLength()));
    }

    private static RecordedRun Parse(string file) => RecordedRun.Parse(Encoding.UTF8.GetBytes(file));

    private static string Text(RecordedRun run, int step) => Encoding.UTF8.GetString(run.StateOf(step));
}
