using Forge.Benchmarks.Runs;
using Forge.Cli.Replay;

namespace Forge.Benchmarks.Transcripts;

/// <summary>
/// The states of one conversation: that of a step is what was said until then, as one JSON document.
/// </summary>
internal sealed class Transcript
{
    private readonly byte[] _file;
    private readonly Func<int, byte[]> _state;

    private Transcript(string name, byte[] file, int steps, Func<int, byte[]> state) =>
        (Name, _file, Steps, _state, LastBytes) = (name, file, steps, state, state(steps - 1).Length);

    /// <summary>How the report calls it; without dots.</summary>
    public string Name { get; }

    public int Steps { get; }

    /// <summary>The length of the last state, which holds all that was said.</summary>
    public int LastBytes { get; }

    /// <summary>A conversation whose states are beginnings of each other but for their last two bytes.</summary>
    /// <exception cref="ReplayException">The file is no recorded run.</exception>
    public static Transcript Of(string name, byte[] file)
    {
        var run = RecordedRun.Parse(file);
        return new Transcript(name, file, run.Steps, run.ConversationOf);
    }

    /// <summary>
    /// The same with the number of the step before the conversation, so that all that follows moves when the number gets
    /// another digit, and no state is the beginning of the next.
    /// </summary>
    /// <exception cref="ReplayException">The file is no recorded run.</exception>
    public static Transcript Numbered(string name, byte[] file)
    {
        var run = RecordedRun.Parse(file);
        return new Transcript(name, file, run.Steps, run.StateOf);
    }

    /// <summary>The bytes of a step, from 0, made anew at each call.</summary>
    public byte[] State(int step) => _state(step);

    /// <summary>All states at once, so that making them is no part of what is measured.</summary>
    public byte[][] States() => [.. Enumerable.Range(0, Steps).Select(State)];

    /// <summary>The lengths of all states together, which is what a store has to write that keeps each whole.</summary>
    public long AllBytes() => Enumerable.Range(0, Steps).Sum(step => (long)State(step).Length);

    /// <summary>Writes the whole conversation into a file, for a program that makes the states itself.</summary>
    public Task SaveAsync(string path) => File.WriteAllBytesAsync(path, _file);

    /// <exception cref="ValidationException">The bytes are not those of the step.</exception>
    public void Expect(string side, int step, ReadOnlySpan<byte> found)
    {
        if (!found.SequenceEqual(State(step)))
        {
            throw new ValidationException(side, $"step {step} of '{Name}' has other bytes than were saved");
        }
    }
}
