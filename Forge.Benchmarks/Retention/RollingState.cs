using System.Globalization;
using System.Text;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Transcripts;
using Forge.Replay;

namespace Forge.Benchmarks.Retention;

/// <summary>
/// The state of an agent that goes on for ever with a bounded context: what was said last. It grows by a message a step, and
/// every few steps the older half goes, so that it has 5 to 10 KB. The same for the same step.
/// </summary>
internal sealed class RollingState
{
    private const int Messages = 500;
    private const int Half = 8;
    private const string Prefix = "step ";

    private readonly byte[][] _messages;

    public RollingState()
    {
        var run = RecordedRun.Parse(MadeConversation.Make(Messages));
        var all = run.ConversationOf(Messages - 1);
        var ends = Enumerable.Range(0, Messages).Select(step => run.ConversationOf(step).Length).Prepend(0).ToArray();
        _messages = [];
    }
}
