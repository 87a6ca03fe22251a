using Orleans;

namespace Kameo.Actors.Tests.Membership;

/// <summary>Keeps what it is told, in order.</summary>
public interface INotebook : IGrainWithStringKey
{
    Task Note(Page page);

    Task<List<int>> Pages();
}

/// <summary>An argument that a test holds up while it is copied for its way.</summary>
public sealed class Page
{
    /// <summary>What a copy of a number waits for.</summary>
    public static Action<int>? Copying { get; set; }

    public int Number
    {
        get
        {
            Copying?.Invoke(field);
            return field;
        }

        set;
    }
}

public sealed class NotebookActor : Actor, INotebook
{
    private readonly List<int> _pages = [];

    public Task Note(Page page)
    {
        _pages.Add(page.Number);
        return Task.CompletedTask;
    }

    public Task<List<int>> Pages() => Task.FromResult(_pages);
}
