// Saves checkpoints through the file store and prints how many a second. A line {"seconds": S} on standard input is one
// round; the answer is one line of JSON. An empty line ends it after a check of what was saved.
// Arguments: folder, callers (each with a session of its own in that folder), bytes of a state.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;

var (callers, size) = (int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));
using var store = new FileSystemJsonCheckpointStore(new DirectoryInfo(args[0]));
var last = new CheckpointInfo?[callers];
var steps = new int[callers];

// The store cannot be called by two at a time: its index is a plain collection, and breaks. A lock is what its users need too.
using var turn = new SemaphoreSlim(1, 1);

Console.WriteLine("{\"ready\":true}");
while (Console.ReadLine() is { } line)
{
    if (line.Length == 0)
    {
        for (var caller = 0; caller < callers; caller++)
        {
            var saved = await store.RetrieveCheckpointAsync(SessionOf(caller), last[caller]!);
            if (saved.GetProperty("text").GetString() != TextOf(caller))
            {
                throw new InvalidOperationException($"{SessionOf(caller)} does not hold its last state.");
            }
        }

        Console.WriteLine("{\"checked\":true}");
        break;
    }

    var duration = TimeSpan.FromSeconds(JsonDocument.Parse(line).RootElement.GetProperty("seconds").GetDouble());
    var start = Stopwatch.GetTimestamp();
    var puts = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => PutAsync(caller, start, duration))));
    var rate = puts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    Console.WriteLine(JsonSerializer.Serialize(new { rate }));
}

async Task<int> PutAsync(int caller, long start, TimeSpan duration)
{
    var puts = 0;
    do
    {
        steps[caller]++;
        var state = JsonSerializer.SerializeToElement(new { text = TextOf(caller) });
        await turn.WaitAsync();
        try
        {
            last[caller] = await store.CreateCheckpointAsync(SessionOf(caller), state, last[caller]);
        }
        finally
        {
            turn.Release();
        }

        puts++;
    }
    while (Stopwatch.GetElapsedTime(start) < duration);
    return puts;
}

string SessionOf(int caller) => $"session-{caller}";

string TextOf(int caller)
{
    var text = $"{SessionOf(caller)} step {steps[caller]} ";
    return string.Concat(Enumerable.Repeat(text, size / text.Length + 1))[..size];
}
