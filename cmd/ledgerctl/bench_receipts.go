package main

import "github.com/spf13/cobra"

func benchReceiptsCommand(func(string) string) *cobra.Command { return &cobra.Command{Use: "receipts"} }
