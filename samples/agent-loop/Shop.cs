using System.Text.Json;

namespace AgentLoop;

/// <summary>
/// A shop that is a file: an order is a line of it, and who asks can learn whether one was placed. It takes an order each time it is told
/// to, twice too: not to do that is the agent's affair.
/// </summary>
internal sealed class Shop(string folder, TimeProvider time)
{
    private readonly string _orders = Path.Combine(folder, "orders.jsonl");

    /// <summary>Places an order, on disk when it is answered.</summary>
    public async Task<Receipt> OrderAsync(string item, string key, CancellationToken cancellationToken)
    {
        // The shop takes its time, so that one who dies may die here.
        await Task.Delay(TimeSpan.FromMilliseconds(10), time, cancellationToken);
        var receipt = new Receipt(item, key);
        await using (var file = new FileStream(_orders, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            await file.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(receipt), CancellationToken.None);
            await file.WriteAsync("\n"u8.ToArray(), CancellationToken.None);
            file.Flush(flushToDisk: true);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(10), time, CancellationToken.None);
        return receipt;
    }
}

/// <summary>What the shop gives for an order.</summary>
/// <param name="Item">What was ordered.</param>
/// <param name="Key">By which key.</param>
internal sealed record Receipt(string Item, string Key);
