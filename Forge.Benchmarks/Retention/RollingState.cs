using System.Buffers;
using System.Globalization;
using System.Text;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Transcripts;
using Forge.Cli.Replay;

namespace Forge.Benchmarks.Retention;

/// <summary>
/// The state of an agent that goes on for ever within a bounded context: what was said last. It grows by a message a step,
/// and every few steps the older half of it goes. Of a few KB, and the same for the same step.
/// </summary>
internal sealed class RollingState
{
    private const int Messages = 500;
    private const int Half = 6;

    private readonly RecordedRun _run = RecordedRun.Parse(MadeConversation.Make(Messages));
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public static string Message(int step) => string.Create(CultureInfo.InvariantCulture, $"step {step}");

    /// <summary>The bytes of a step, from 0, made anew at each call.</summary>
    public byte[] State(int step)
    {
        _buffer.ResetWrittenCount();
        _buffer.Write("{\"history\": ["u8);
        var first = Math.Max(0, (step / Half - 1) * Half);
        for (var i = first; i <= step; i++)
        {
            _buffer.Write(i == first ? ""u8 : ","u8);
            _buffer.Write(_run.MessageOf(i % Messages));
        }

        _buffer.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"], \"step\": {step}}}")));
        return _buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="ValidationException">The bytes are not those of the step.</exception>
    public void Expect(string side, int step, string message, ReadOnlySpan<byte> found)
    {
        if (message != Message(step) || !found.SequenceEqual(State(step)))
        {
            throw new ValidationException(side, $"step {step} has another message or other bytes than were saved");
        }
    }
}
