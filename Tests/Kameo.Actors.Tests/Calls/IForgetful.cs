using Orleans;

namespace Kameo.Actors.Tests.Calls;

/// <summary>An actor whose methods return null where a task is expected.</summary>
public interface IForgetful : IGrainWithStringKey
{
    Task Nothing();

    Task<int> NoNumber();

    IAsyncEnumerable<int> NoNumbers();
}

public sealed class ForgetfulActor : Actor, IForgetful
{
    public Task Nothing() => null!;

    public Task<int> NoNumber() => null!;

    public IAsyncEnumerable<int> NoNumbers() => null!;
}

/// <summary>The same through the mailbox.</summary>
public interface IQueuedForgetful : IGrainWithStringKey
{
    Task Nothing();
}

[QueueLocalAsks]
public sealed class QueuedForgetfulActor : Actor, IQueuedForgetful
{
    public Task Nothing() => null!;
}
