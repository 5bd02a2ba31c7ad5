using System.Text;
using Forge.Differences;
using Forge.Differences.Json;

namespace Forge.Grains.Tests.Differences;

/// <summary>Patches of documents that were made and changed at random make exactly the second of the first.</summary>
public sealed class RandomPatchTests
{
    private const int Seed = 20_261_126;
    private const int Pairs = 10_000;

    [Fact]
    public void Compare_RandomPairs_PatchMakesTheSecondOfTheFirst()
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {Seed}, {Pairs} pairs");
        var (operations, empty) = (new Dictionary<string, int>(), 0);
        for (var number = 0; number < Pairs; number++)
        {
            var random = new Random(unchecked((Seed * 31) + number));
            var made = new RandomJson(random);
            var document = made.Value(4);
            var (from, to) = (document.Write(random), (random.Next(10) == 0 ? made.Value(4) : made.Changed(document)).Write(random));
            try
            {
                var patch = TestPatch.Make(from, to, LimitsOf(random));
                foreach (var operation in ((TestArray)TestJson.Parse(patch.Bytes.Span)).Elements.Cast<TestObject>())
                {
                    var name = ((TestText)operation.Members["op"]).Value;
                    operations[name] = operations.GetValueOrDefault(name) + 1;
                }

                empty += patch.Bytes.Length == 2 ? 1 : 0;
                Assert.Equal(TestJson.Parse(from).Canonical() == TestJson.Parse(to).Canonical(), patch.Bytes.Length == 2);
                Assert.InRange(patch.Bytes.Length, 2, (2 * (Encoding.UTF8.GetByteCount(to) + 40)) + 256);
                var summary = patch.Summary;
                Assert.Equal(summary.Added + summary.Removed + summary.Changed + summary.Moved, summary.Entries.Count + summary.Rest);
                Assert.Equal(patch.Text().Split("{\"op\":\"move\"").Length - 1, summary.Moved);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {Seed}, pair {number}:\n{from}\n{to}\n{exception.Message}", exception);
            }
        }

        // All of it has to have happened, or this tests less than it seems to.
        TestContext.Current.TestOutputHelper!.WriteLine($"{string.Join(", ", operations)}, {empty} the same");
        Assert.Equal(["add", "move", "remove", "replace"], operations.Keys.Order(StringComparer.Ordinal));
        Assert.All(operations.Values, count => Assert.True(count > 100));
        Assert.True(empty > 100);
    }

    [Fact]
    public void Compare_OneDocumentInTwoWaysOfWriting_IsTheSame()
    {
        for (var number = 0; number < 1000; number++)
        {
            var random = new Random(unchecked((Seed * 37) + number));
            var document = new RandomJson(random).Value(4);
            var (from, to) = (document.Write(random), document.Write(random));

            var patch = Assert.IsType<JsonPatch>(JsonDifference.Compare(
                Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to), null, TestContext.Current.CancellationToken));

            Assert.True(patch.Text() == "[]", $"seed {Seed}, document {number}:\n{from}\n{to}\n{patch.Text()}");
        }
    }

    /// <summary>Of some pairs, too few steps, so that parts are replaced whole.</summary>
    private static JsonDifferenceLimits LimitsOf(Random random) => new() { Steps = random.Next(4) == 0 ? random.Next(50) : 1_000_000 };
}
