using System.Buffers.Text;
using System.Text;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;

namespace Forge.Grains.Tests.Rules;

public sealed class PageCursorTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_234_567_890_123)]
    [InlineData(long.MaxValue)]
    public void Parse_Made_IsTheSequence(long sequence)
    {
        foreach (var order in Enum.GetValues<ListOrder>())
        {
            var cursor = PageCursor.Make(order, sequence);

            Assert.Equal(sequence, PageCursor.Parse(cursor, order));
            Assert.Matches("^[A-Za-z0-9_-]+$", cursor);
        }
    }

    [Fact]
    public void Parse_OfAnotherOrder_IsRefused()
    {
        AssertRefused(PageCursor.Make(ListOrder.OldestFirst, 5), ListOrder.NewestFirst);
        AssertRefused(PageCursor.Make(ListOrder.NewestFirst, 5), ListOrder.OldestFirst);
    }

    [Theory]
    [InlineData("")]
    [InlineData("n")]
    [InlineData("5")]
    [InlineData("n-5")]
    [InlineData("n+5")]
    [InlineData("n 5")]
    [InlineData("n5 ")]
    [InlineData("n5\0")]
    [InlineData("n5.0")]
    [InlineData("n0x5")]
    [InlineData("n9223372036854775808")]
    [InlineData("N5")]
    public void Parse_TextThatNoPageGave_IsRefused(string text) =>
        AssertRefused(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text)), ListOrder.NewestFirst);

    [Theory]
    [InlineData("n5")]
    [InlineData("!!!!")]
    [InlineData("bjU\u00e9")]
    [InlineData("bjU\ud800")]
    public void Parse_NoBase64_IsRefused(string cursor) => AssertRefused(cursor, ListOrder.NewestFirst);

    [Fact]
    public void Parse_VeryLong_IsRefused() =>
        AssertRefused(Base64Url.EncodeToString(Encoding.ASCII.GetBytes("n" + new string('0', 1_000_000) + "5")), ListOrder.NewestFirst);

    private static void AssertRefused(string cursor, ListOrder order) =>
        Assert.Equal("cursor", Assert.Throws<InvalidRequestException>(() => PageCursor.Parse(cursor, order)).Field);
}
