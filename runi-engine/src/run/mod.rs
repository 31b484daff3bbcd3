//! Running a pipeline: the graph, its counted doors, its verdict.
