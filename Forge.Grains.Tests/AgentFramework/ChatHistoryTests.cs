using AgentFrameworkSample;
using Forge.AgentFramework.ChatHistory;
using Forge.Checkpoints;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Forge.Grains.Tests.AgentFramework;

public sealed class ChatHistoryTests(AgentFrameworkSilo silo) : IDisposable
{
    private readonly HeardChatClient _model = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_TurnAfterTurn_IsGivenWhatWasSaid()
    {
        var history = await HistoryAsync();
        var agent = Agent(history);
        var session = await agent.CreateSessionAsync(Cancel);

        await SayAsync(agent, session, "a", "b", "c");

        Assert.Equal(["a", "a (1)", "b", "b (3)", "c"], _model.Given.Select(message => message.Text));
        Assert.Equal(["a", "a (1)", "b", "b (3)", "c", "c (5)"], (await history.ReadAsync(history.Conversation(session), Cancel)).Select(message => message.Text));
        var info = await history.Session(history.Conversation(session)).InfoAsync(Cancel);
        Assert.Equal(6, info!.Count);
    }

    [Fact]
    public async Task Run_WithASessionThatWasCarriedElsewhere_GoesOnWithItsConversation()
    {
        var agent = Agent(await HistoryAsync());
        var session = await agent.CreateSessionAsync(Cancel);
        await agent.RunAsync("a", session, cancellationToken: Cancel);
        var state = await agent.SerializeSessionAsync(session, cancellationToken: Cancel);

        var elsewhere = Agent(await HistoryAsync());
        var response = await elsewhere.RunAsync("b", await elsewhere.DeserializeSessionAsync(state, cancellationToken: Cancel), cancellationToken: Cancel);

        Assert.Equal("b (3)", response.Text);
        Assert.DoesNotContain("a (1)", state.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_MoreThanTheMostMessages_HasTheNewest()
    {
        var history = await HistoryAsync(options => options.MaxMessages = 3);
        var agent = Agent(history);
        var session = await agent.CreateSessionAsync(Cancel);
        await SayAsync(agent, session, "a", "b", "c");

        Assert.Equal(["b (3)", "c", "c (4)"], (await history.ReadAsync(history.Conversation(session), Cancel)).Select(message => message.Text));
        Assert.Equal(6, (await history.Session(history.Conversation(session)).InfoAsync(Cancel))!.Count);
    }

    [Fact]
    public async Task Read_MoreThanTheMostBytes_HasTheNewest()
    {
        var history = await HistoryAsync(options => options.MaxBytes = 1024);
        var agent = Agent(history);
        var session = await agent.CreateSessionAsync(Cancel);
        await agent.RunAsync(new string('x', 1500), session, cancellationToken: Cancel);
        Assert.Single(await history.ReadAsync(history.Conversation(session), Cancel));

        await agent.RunAsync("b", session, cancellationToken: Cancel);

        Assert.Equal("b", _model.Given[^1].Text);
        Assert.Equal(["b", "b (2)"], (await history.ReadAsync(history.Conversation(session), Cancel)).Select(message => message.Text));
    }

    [Fact]
    public async Task Read_WhereTheCallOfAToolIsCutOff_LeavesItsResultOut()
    {
        var history = await HistoryAsync(options => options.MaxMessages = 3);
        var name = silo.NewName();
        await AddAsync(
            history,
            name,
            new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", "find")]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", "found")]),
            new ChatMessage(ChatRole.Assistant, "it is there"));
        Assert.Equal(3, (await history.ReadAsync(name, Cancel)).Count);

        await AddAsync(history, name, new ChatMessage(ChatRole.User, "thanks"));

        Assert.Equal(["it is there", "thanks"], (await history.ReadAsync(name, Cancel)).Select(message => message.Text));
    }

    [Fact]
    public async Task Read_WhereTheCallOfAToolIsGone_LeavesItsResultOut()
    {
        var history = await HistoryAsync();
        var name = silo.NewName();
        await AddAsync(
            history,
            name,
            new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", "find")]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", "found")]),
            new ChatMessage(ChatRole.Assistant, "it is there"));

        await history.Session(name).DeleteAsync(1, cancellationToken: Cancel);

        Assert.Equal(["it is there"], (await history.ReadAsync(name, Cancel)).Select(message => message.Text));
    }

    [Fact]
    public async Task Read_AfterARestoreFarBack_HasBothLinesEnds()
    {
        var history = await HistoryAsync();
        var name = silo.NewName();
        await AddAsync(history, name, [.. Enumerable.Range(1, 150).Select(i => new ChatMessage(ChatRole.User, $"{i}"))]);
        await history.Session(name).RestoreAsync(3, cancellationToken: Cancel);
        await AddAsync(history, name, new(ChatRole.User, "a"), new(ChatRole.User, "b"));

        Assert.Equal(["1", "2", "3", "a", "b"], (await history.ReadAsync(name, Cancel)).Select(message => message.Text));
    }

    [Fact]
    public async Task Restore_AnEarlierMessage_GoesOnFromThere()
    {
        var history = await HistoryAsync();
        var agent = Agent(history);
        var session = await agent.CreateSessionAsync(Cancel);
        await SayAsync(agent, session, "a", "b", "c");

        await history.Session(history.Conversation(session)).RestoreAsync(2, cancellationToken: Cancel);
        await agent.RunAsync("other", session, cancellationToken: Cancel);

        Assert.Equal(["a", "a (1)", "other", "other (3)"], (await history.ReadAsync(history.Conversation(session), Cancel)).Select(message => message.Text));
    }

    [Fact]
    public async Task Read_AfterOneInTheMidstWasDeleted_HasTheOthers()
    {
        var history = await HistoryAsync();
        var name = silo.NewName();
        await AddAsync(history, name, new(ChatRole.User, "a"), new(ChatRole.Assistant, "b"), new(ChatRole.User, "c"));

        await history.Session(name).DeleteAsync(2, cancellationToken: Cancel);

        Assert.Equal(["a", "c"], (await history.ReadAsync(name, Cancel)).Select(message => message.Text));
    }

    [Fact]
    public async Task Run_ThatFails_AddsNothing()
    {
        var history = await HistoryAsync();
        var agent = new ChatClientAgent(new FailingChatClient(), new ChatClientAgentOptions { ChatHistoryProvider = history });
        var session = await agent.CreateSessionAsync(Cancel);

        await Assert.ThrowsAsync<InvalidOperationException>(() => agent.RunAsync("a", session, cancellationToken: Cancel));

        Assert.Empty(await history.ReadAsync(history.Conversation(session), Cancel));
    }

    [Fact]
    public async Task Run_ManyAtOnce_OfOneConversation_KeepEachTurnTogether()
    {
        var history = await HistoryAsync();
        var name = silo.NewName();

        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => AddAsync(history, name, new(ChatRole.User, $"{i}"), new(ChatRole.Assistant, $"{i}"))));

        var texts = (await history.ReadAsync(name, Cancel)).Select(message => message.Text).ToList();
        Assert.Equal(20, texts.Count);
        Assert.All(texts.Chunk(2), turn => Assert.Equal(turn[0], turn[1]));
        Assert.Equal(10, texts.Distinct().Count());
    }

    [Fact]
    public async Task Read_OfAMessageOfAnyKind_IsWhatWasSaid()
    {
        var history = await HistoryAsync();
        var name = silo.NewName();
        var message = new ChatMessage(ChatRole.User, [new TextContent("é"), new DataContent(new byte[] { 1, 2, 3 }, "image/png")])
        {
            AuthorName = "somebody",
            MessageId = "m-1",
        };

        await AddAsync(history, name, message);

        var read = Assert.Single(await history.ReadAsync(name, Cancel));
        Assert.Equal(("somebody", "m-1", "é"), (read.AuthorName, read.MessageId, read.Text));
        Assert.Equal([1, 2, 3], Assert.Single(read.Contents.OfType<DataContent>()).Data.ToArray());
        Assert.Equal(ChatRole.User, read.Role);
        Assert.Equal("user message", (await history.Session(name).GetSummaryAsync(CheckpointReference.Latest, Cancel))!.Message);
    }

    public void Dispose() => _model.Dispose();

    /// <summary>Adds messages as a run does, by the framework's own way in.</summary>
    private static async Task AddAsync(ForgeChatHistoryProvider history, string conversation, params ChatMessage[] messages)
    {
        var agent = Agent(history, new EchoChatClient());
        var session = await agent.CreateSessionAsync(Cancel);
        history.GoOnWith(session, conversation);
        await history.InvokedAsync(new ChatHistoryProvider.InvokedContext(agent, session, messages, []), Cancel);
    }

    private static ChatClientAgent Agent(ForgeChatHistoryProvider history, IChatClient model) =>
        new(model, new ChatClientAgentOptions { ChatHistoryProvider = history });

    private ChatClientAgent Agent(ForgeChatHistoryProvider history) => Agent(history, _model);

    private async Task<ForgeChatHistoryProvider> HistoryAsync(Action<ForgeChatHistoryOptions>? configure = null)
    {
        var options = new ForgeChatHistoryOptions();
        configure?.Invoke(options);
        return new ForgeChatHistoryProvider(await silo.ClientAsync(), options);
    }

    private static async Task SayAsync(AIAgent agent, AgentSession session, params string[] texts)
    {
        foreach (var text in texts)
        {
            await agent.RunAsync(text, session, cancellationToken: Cancel);
        }
    }

    private sealed class FailingChatClient : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("no model");

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("no model");

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
